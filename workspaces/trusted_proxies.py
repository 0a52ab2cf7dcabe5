"""The IP address of a visitor behind the proxies of TRUSTED_PROXIES.

Anybody can send X-Forwarded-For. Postwatch believes it only from a trusted proxy, and only the part that
trusted proxies wrote. From everybody else it removes such headers before anything reads them.
"""

import ipaddress
import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

FORWARDED_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
UNIX_SOCKET = "unix"
"""The entry of TRUSTED_PROXIES for whoever connects by gunicorn's socket file and has no IP address."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(entries: Sequence[str]) -> list[Network]:
    """Reads TRUSTED_PROXIES. Raises ValueError for an entry that is neither an IP address nor a network."""
    return [ipaddress.ip_network(entry.strip()) for entry in entries if entry.strip() != UNIX_SOCKET]


def address_in(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(without_port(text.strip()))
    except ValueError:
        return None
    # An IPv4 address on an IPv6 socket is the same visitor.
    return getattr(address, "ipv4_mapped", None) or address


def without_port(text: str) -> str:
    """Some proxies write 192.0.2.1:4711 and [2001:db8::1]:4711."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


class TrustedProxyMiddleware:
    """Sets REMOTE_ADDR to the visitor's IP address. It comes first, since other middleware reads that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.has_warned = False
        try:
            self.networks = networks(settings.TRUSTED_PROXIES)
        except ValueError as problem:
            raise ImproperlyConfigured(f"TRUSTED_PROXIES: {problem}")
        self.trusts_socket = UNIX_SOCKET in settings.TRUSTED_PROXIES

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = address_in(request.META.get("REMOTE_ADDR", ""))
        visitor = peer
        if self.is_trusted(peer):
            visitor = self.visitor(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""))
        else:
            self.remove_forwarded_headers(request, peer)
        request.META["REMOTE_ADDR"] = str(visitor or "")
        return self.get_response(request)

    def is_trusted(self, peer: Address | None) -> bool:
        if peer is None:
            return self.trusts_socket
        return any(peer in network for network in self.networks)

    def visitor(self, peer: Address | None, forwarded_for: str) -> Address | None:
        """The last address in the header that is no trusted proxy: each proxy appends the one that it saw."""
        nearest = peer
        for entry in reversed(forwarded_for.split(",")):
            address = address_in(entry)
            if address is None:
                break
            nearest = address
            if not self.is_trusted(address):
                break
        return nearest

    def remove_forwarded_headers(self, request: HttpRequest, peer: Address | None) -> None:
        if "HTTP_X_FORWARDED_FOR" in request.META and not self.has_warned:
            self.has_warned = True
            log.warning(
                "The X-Forwarded-For header of a request from %s is ignored. If this is your proxy, name it "
                "in TRUSTED_PROXIES: until then all people behind it share one limit of sign-in attempts.",
                peer or "a unix socket",
            )
        for header in FORWARDED_HEADERS:
            request.META.pop(header, None)
