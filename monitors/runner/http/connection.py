"""One connection: a request goes out on it, a response comes back."""

from __future__ import annotations

import base64
import re
import select
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from monitors.runner.http.connecting import Connected, Connector
from monitors.runner.http.failures import connect_failure, failure, tls_failure, transfer_failure
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import ANY_TLS, RequestFailed, TlsBehavior
from monitors.runner.http.response_parser import Head, ResponseParser
from monitors.runner.http.tls import TlsContexts

READ_BYTES = 64 * 1024
SEND_BYTES = 16 * 1024
"""At most at once: one TLS record, which is sent as a whole or not at all."""
# Linux's struct tcp_info, in which `tcpi_bytes_acked` is a number of 64 bits.
TCP_INFO_BYTES = 256
ACKNOWLEDGED_AT = 120
ACKNOWLEDGED = struct.Struct("=Q")
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
INVALID_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
INVALID_TARGET = re.compile(r"[^\x21-\xff]")


@dataclass(frozen=True)
class Origin:
    """Where a connection leads, and how TLS is spoken on it."""

    scheme: str
    host: str
    port: int
    verify: bool = True
    tls: TlsBehavior = ANY_TLS

    @property
    def authority(self) -> str:
        """Host and port, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy in front of everything."""

    host: str
    port: int
    authorization: str = ""

    @classmethod
    def from_url(cls, url: str) -> Proxy:
        """Read `http://user:password@host:port`. Raises ValueError for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"A proxy is written as http://host:port, not as {url}.")
        authorization = ""
        if parts.username is not None:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = "Basic " + base64.b64encode(credentials.encode()).decode()
        return cls(parts.hostname, parts.port or 80, authorization)


@dataclass(frozen=True)
class TimeLimit:
    """The moment of `time.monotonic()` by which the response must have come in full."""

    end: float | None = None

    @classmethod
    def of(cls, timeout: float | None, deadline: float | None) -> TimeLimit:
        """The request's own seconds from now on, or the end of the run where that comes first."""
        ends = [end for end in (deadline, timeout and time.monotonic() + timeout) if end]
        return cls(min(ends, default=None))

    def is_past(self) -> bool:
        return self.end is not None and time.monotonic() >= self.end

    def seconds_left(self) -> float | None:
        """The timeout of the next step: almost nothing once the time is over, None without a limit."""
        return None if self.end is None else max(self.end - time.monotonic(), 0.001)


@dataclass(frozen=True)
class OpeningTimes:
    """Milliseconds that the phases of opening a connection took."""

    dns: float
    connect: float
    tls: float | None = None


class Connection:
    """An open socket. Used by one request at a time, which has its time limit for all that it does."""

    def __init__(self, opened: socket.socket, times: OpeningTimes) -> None:
        self.socket = opened
        self.times: OpeningTimes | None = times
        """None after the first request: later ones did not wait for the connection."""
        self.idle_until: float | None = None
        self.sent_at = 0.0
        """When the last byte of the request was written, by `time.perf_counter()`."""
        self._limit = TimeLimit()
        self._sent = 0
        self._acknowledged: int | None = None
        self._received = 0
        self._has_ended = False
        """Whether the other side has closed in good order, not by a reset."""

    def begin(self, limit: TimeLimit) -> None:
        """Prepare for a request with this time limit."""
        self._limit = limit
        self._sent = self._received = 0
        self._has_ended = False
        self.socket.settimeout(limit.seconds_left())
        self._acknowledged = acknowledged_bytes(self.socket)

    def shorten(self, seconds: float) -> None:
        """Allow no more than this for the rest of the response."""
        self._limit = TimeLimit.of(seconds, self._limit.end)

    def send(self, head: bytes, body: bytes | None) -> None:
        """Write a request. Raises OSError."""
        whole = body is None or len(body) <= SEND_BYTES
        for part in [head + (body or b"")] if whole else [head, body or b""]:
            left = memoryview(part)
            while left:
                self.socket.settimeout(self._limit.seconds_left())
                count = self.socket.send(left[:SEND_BYTES])
                self._sent += count
                self.sent_at = time.perf_counter()
                left = left[count:]

    def was_unread(self) -> bool:
        """Whether the server provably read nothing of a request that it closed the connection on.

        Either no byte could be written, or the server's close came first: it does not acknowledge a byte. A
        reset proves nothing, since it need not say what was received before it.
        """
        if self._received:
            return False
        if self._sent == 0:
            return True
        unacknowledged = self._acknowledged is not None and (
            acknowledged_bytes(self.socket) == self._acknowledged
        )
        return self._has_ended and unacknowledged

    def read_head(self, parser: ResponseParser) -> Head:
        """Read up to the body. Raises RequestFailed."""
        while parser.head is None:
            parser.feed(self.receive())
            if parser.failure and parser.head is None:
                raise parser.failure
        return parser.head

    def receive(self) -> bytes:
        """What has arrived; empty at the end of the connection. Raises RequestFailed.

        The limit holds for all reads together: a server that sends a byte now and then gains no time by it.
        """
        if self._limit.is_past():
            raise transfer_failure(TimeoutError(), "read")
        self.socket.settimeout(self._limit.seconds_left())
        try:
            data = self.socket.recv(READ_BYTES)
        except OSError as error:
            raise transfer_failure(error, "read") from None
        self._received += len(data)
        self._has_ended = not data
        return data

    def is_usable(self) -> bool:
        """Whether an idle connection is still open: nothing has arrived on it, not even its end."""
        if self.idle_until is not None and time.monotonic() > self.idle_until:
            return False
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return not poll.poll(0)

    def interrupt(self) -> None:
        """End a connection that another thread is using. That thread sees the end and closes it."""
        with suppress(OSError):  # the other side may have been faster
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close a connection that no request is using."""
        self.socket.close()


def acknowledged_bytes(opened: socket.socket) -> int | None:
    """How many bytes the other side's system has acknowledged; None where this system cannot say."""
    if not hasattr(socket, "TCP_INFO"):
        return None
    information = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    if len(information) < ACKNOWLEDGED_AT + ACKNOWLEDGED.size:
        return None
    return int(ACKNOWLEDGED.unpack_from(information, ACKNOWLEDGED_AT)[0])


def open_connection(
    origin: Origin, connector: Connector, contexts: TlsContexts, proxy: Proxy | None, limit: TimeLimit
) -> Connection:
    """Connect to an origin, through the proxy where there is one. Raises RequestFailed."""
    timeout = limit.seconds_left()
    try:
        if proxy is None:
            opened = connector.connect(origin.host, origin.port, timeout)
        else:
            connector.check_target(origin.host, origin.port, timeout)
            opened = connector.connect_to_proxy(proxy.host, proxy.port, timeout)
    except OSError as error:
        raise connect_failure(error, origin.host) from None
    connection = Connection(opened.socket, OpeningTimes(opened.dns, opened.connect))
    connection.begin(limit)
    if origin.scheme == "http":
        return connection
    try:
        if proxy is not None:
            _open_tunnel(connection, origin, proxy)
        return _with_tls(connection, origin, contexts, opened)
    except RequestFailed:
        connection.close()
        raise


def _open_tunnel(connection: Connection, origin: Origin, proxy: Proxy) -> None:
    headers = Headers([("Host", origin.authority)])
    if proxy.authorization:
        headers.add("Proxy-Authorization", proxy.authorization)
    try:
        connection.send(request_head("CONNECT", origin.authority, headers), None)
    except OSError as error:
        raise transfer_failure(error, "write") from None
    head = connection.read_head(ResponseParser("CONNECT"))
    if head.status != 200:
        raise failure(
            "ECONNRESET",
            f"tunneling socket could not be established, statusCode={head.status}",
            "The proxy refuses a connection to this host.",
        )


def _with_tls(connection: Connection, origin: Origin, contexts: TlsContexts, opened: Connected) -> Connection:
    started = time.perf_counter()
    try:
        context = contexts.context_for(origin.host, origin.port, origin.verify, origin.tls)
        wrapped = context.wrap_socket(connection.socket, server_hostname=origin.host)
    except OSError as error:
        raise tls_failure(error, origin.host) from None
    except ValueError as error:  # the host's own certificates, or a name that no certificate can have
        raise failure("ERR_TLS_CERTIFICATE", str(error)) from None
    tls = (time.perf_counter() - started) * 1000
    return Connection(wrapped, OpeningTimes(opened.dns, opened.connect, tls))


def request_head(method: str, target: str, headers: Headers, encoding: str = "latin-1") -> bytes:
    """The bytes of a request up to its body, in UTF-8 where Node writes it together with a body of text.

    Raises RequestFailed, with Node's codes, for what cannot stand in a request.
    """
    if not TOKEN.match(method):
        raise failure("ERR_INVALID_HTTP_TOKEN", f'Method must be a valid HTTP token ["{method}"]')
    if INVALID_TARGET.search(target):
        raise failure("ERR_UNESCAPED_CHARACTERS", "Request path contains unescaped characters")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in _with_one_cookie(headers):
        if not TOKEN.match(name):
            raise failure("ERR_INVALID_HTTP_TOKEN", f'Header name must be a valid HTTP token ["{name}"]')
        if INVALID_VALUE.search(value):
            raise failure("ERR_INVALID_CHAR", f'Invalid character in header content ["{name}"]')
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode(encoding)


def _with_one_cookie(headers: Headers) -> Headers:
    """Cookies go out in one field (RFC 6265, section 5.4), where the first one stands."""
    cookies = headers.get_all("Cookie")
    if len(cookies) < 2:
        return headers
    joined = Headers(headers)
    joined.set("Cookie", "; ".join(cookies))
    return joined
