"""Decides where requests may go, and closes private, local and metadata addresses."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# The IANA special-purpose registry for IPv4, with the two cloud metadata services on ordinary addresses.
CLOSED_IPV4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
    )
]
# Of IPv6 only the global unicast range is open, less its special-purpose parts.
OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")
CLOSED_IPV6 = [ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")]
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
DISCARD_PORT = 9
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


class EgressDenied(OSError):
    """The policy does not permit a connection to this host."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} is a private, local or reserved address, one of this machine's own, or a name for one: "
            "requests may not go there. "
            "An operator can open it with the setting EGRESS_ALLOW."
        )
        self.host = host


@dataclass(frozen=True)
class EgressPolicy:
    """The addresses that may be connected to: public ones and those in `allow`, or all with `allow_all`."""

    allow: tuple[Network, ...] = ()
    allow_all: bool = False

    @classmethod
    def from_text(cls, networks: Iterable[str]) -> EgressPolicy:
        """Read addresses and networks (`10.0.0.0/8`, `127.0.0.1`); `*` allows everything.

        Raises ValueError for anything else.
        """
        texts = [text.strip() for text in networks if text.strip()]
        parsed = tuple(ipaddress.ip_network(text, strict=False) for text in texts if text != "*")
        return cls(allow=parsed, allow_all="*" in texts)

    def permits(self, address: str) -> bool:
        """Whether this IP address, as a socket would connect to it, may be connected to."""
        if self.allow_all:
            return True
        parsed = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(parsed, ipaddress.IPv6Address) and parsed in MAPPED:
            parsed = _last_32_bits(parsed)
        if any(parsed.version == network.version and parsed in network for network in self.allow):
            return True
        return is_public(parsed) and not any(map(is_this_machines, (parsed, *_carried(parsed))))


@lru_cache(maxsize=1024)
def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, and the IPv4 address inside it, if any, too."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in CLOSED_IPV4)
    if carried := _carried(address):
        return all(map(is_public, carried))
    return address in OPEN_IPV6 and not any(address in network for network in CLOSED_IPV6)


def is_this_machines(address: Address) -> bool:
    """Whether an interface of this machine has the address: the system then chooses it as the source too.

    Checked each time, since addresses come and go. Nothing is sent: a datagram socket remembers its peer.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), DISCARD_PORT))
            source = probe.getsockname()[0].partition("%")[0]
    except OSError:  # no way leads there
        return False
    return ipaddress.ip_address(source) == address


def _carried(address: Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 address inside an IPv6 address, to which a gateway would connect."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    if address in SIX_TO_FOUR:
        return [ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)]
    return [_last_32_bits(address)] if address in NAT64 else []


def _last_32_bits(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
