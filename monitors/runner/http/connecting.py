"""Connects to hosts that the egress policy permits.

A name is resolved once, and the very addresses that were checked are connected to. DNS that returns
others the next time gains nothing by it.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import cast

from monitors.runner.http.egress import EgressDenied, EgressPolicy

NEXT_ADDRESS_SECONDS = 0.5
"""How long one address of several is tried before the next: twice as long as in Node, for slow links."""
MAX_LOOKUPS = 16
"""At once in one run: each occupies a thread until the system gives up, whatever the request's timeout."""

# Neither an IP address in any notation nor a name that private networks use.
PUBLIC_NAME = re.compile(r"([a-z0-9_-]+\.)+(?!internal|local)[a-z][a-z0-9-]*", re.IGNORECASE)

Endpoint = tuple[int, tuple[str, int] | tuple[str, int, int, int]]
"""An address family and an address as `socket.connect` takes it."""

DnsResolver = Callable[[str, int], list[Endpoint]]
"""From a host and a port to endpoints. Raises socket.gaierror."""


def system_resolver(host: str, port: int) -> list[Endpoint]:
    """The addresses of a host from the operating system. Raises socket.gaierror."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or longer than DNS allows
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
    return [cast(Endpoint, (family, address)) for family, _, _, _, address in found]


class ConnectFailed(OSError):
    """The network or the other side refused a connection to `address`, which includes the port."""

    def __init__(self, error: OSError, address: str) -> None:
        super().__init__(error.errno, error.strerror)
        self.address = address


@dataclass(frozen=True)
class Connected:
    """A socket with the milliseconds that resolving and connecting took."""

    socket: socket.socket
    dns: float
    connect: float


class Connector:
    """Opens sockets, only to where the policy permits."""

    def __init__(self, egress: EgressPolicy, resolver: DnsResolver = system_resolver) -> None:
        self.egress = egress
        self.resolver = resolver
        self._lookups = threading.Semaphore(MAX_LOOKUPS)

    def connect(self, host: str, port: int, timeout: float | None = None) -> Connected:
        """Connect to the first address of the host that accepts.

        `timeout` is in seconds, for resolving and connecting together. Raises EgressDenied, TimeoutError,
        socket.gaierror or another OSError.
        """
        return self._connect(self.permitted_endpoints, host, port, timeout)

    def connect_to_proxy(self, host: str, port: int, timeout: float | None = None) -> Connected:
        """Connect to the installation's proxy, which may have a private address. Raises OSError."""
        return self._connect(self._endpoints, host, port, timeout)

    def check_target(self, host: str, port: int, timeout: float | None = None) -> None:
        """Raise EgressDenied for a host that a proxy may not be asked for.

        A public name that only the proxy can resolve is left to it.
        """
        try:
            endpoints = self._endpoints(host, port, timeout)
        except socket.gaierror:
            if not PUBLIC_NAME.fullmatch(host):
                raise EgressDenied(host) from None
            return
        if not all(self.egress.permits(address[0]) for _, address in endpoints):
            raise EgressDenied(host)

    def _connect(
        self,
        find: Callable[[str, int, float | None], list[Endpoint]],
        host: str,
        port: int,
        timeout: float | None,
    ) -> Connected:
        started = time.perf_counter()
        endpoints = find(host, port, timeout)
        resolved = time.perf_counter()
        left = None if timeout is None else max(timeout - (resolved - started), 0.001)
        opened = _connect_to_any(endpoints, left)
        connected = time.perf_counter()
        return Connected(opened, dns=(resolved - started) * 1000, connect=(connected - resolved) * 1000)

    def permitted_endpoints(self, host: str, port: int, timeout: float | None = None) -> list[Endpoint]:
        """The addresses of a host that may be connected to. Raises as `connect` does."""
        endpoints = self._endpoints(host, port, timeout)
        permitted = [endpoint for endpoint in endpoints if self.egress.permits(endpoint[1][0])]
        if not permitted:
            raise EgressDenied(host)
        return permitted

    def _endpoints(self, host: str, port: int, timeout: float | None) -> list[Endpoint]:
        if "\0" in host:
            raise socket.gaierror(socket.EAI_NONAME, "No host name holds a NUL character.")
        if is_localhost(host):
            # Both loopback addresses, IPv6 first: so do Postman (core.js, lookup) and Chrome.
            return [(socket.AF_INET6, ("::1", port, 0, 0)), (socket.AF_INET, ("127.0.0.1", port))]
        if timeout is None or is_address(host):
            return self.resolver(host, port)
        return self._resolve_within(timeout, host, port)

    def _resolve_within(self, timeout: float, host: str, port: int) -> list[Endpoint]:
        """Resolve in a thread of its own: the system's resolver cannot be interrupted."""
        end = time.monotonic() + timeout
        outcome: SimpleQueue[list[Endpoint] | OSError] = SimpleQueue()

        def resolve() -> None:
            try:
                outcome.put(self.resolver(host, port))
            except OSError as error:
                outcome.put(error)
            finally:
                self._lookups.release()

        if not self._lookups.acquire(timeout=timeout):
            raise TimeoutError(f"no response from DNS for {host}")
        threading.Thread(target=resolve, daemon=True).start()
        try:
            result = outcome.get(timeout=max(end - time.monotonic(), 0.001))
        except Empty:
            raise TimeoutError(f"no response from DNS for {host}") from None
        if isinstance(result, OSError):
            raise result
        return result


def is_localhost(host: str) -> bool:
    """Whether a name means this machine (RFC 6761): `localhost` and all names below it."""
    return host.lower().rpartition(".")[2] == "localhost"


def is_address(host: str) -> bool:
    """Whether a host is written as an IP address, not as a name."""
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host.partition("%")[0])
    except (OSError, ValueError):  # ValueError for a NUL in it
        return False
    return True


def _connect_to_any(endpoints: list[Endpoint], timeout: float | None) -> socket.socket:
    """Connect to the first address that accepts. Raises the error of the last one."""
    end = None if timeout is None else time.monotonic() + timeout
    for endpoint in endpoints[:-1]:
        left = NEXT_ADDRESS_SECONDS if end is None else min(NEXT_ADDRESS_SECONDS, end - time.monotonic())
        try:
            return _connect(endpoint, max(left, 0.001))
        except OSError:
            continue
    return _connect(endpoints[-1], None if end is None else max(end - time.monotonic(), 0.001))


def _connect(endpoint: Endpoint, timeout: float | None) -> socket.socket:
    family, address = endpoint
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(timeout)
        opened.connect(address)
    except TimeoutError:
        opened.close()
        raise
    except OSError as error:
        opened.close()
        raise ConnectFailed(error, f"{address[0]}:{address[1]}") from error
    return opened
