"""One connection: a request goes out on it, a response comes back."""

from __future__ import annotations

import base64
import io
import re
import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from monitors.runner.http.connecting import Connected, Connector
from monitors.runner.http.failures import connect_failure, failure, tls_failure, transfer_failure
from monitors.runner.http.message import Headers, RequestFailed
from monitors.runner.http.response_reader import READ_BYTES, TOKEN, Head, read_head
from monitors.runner.http.tls import TlsContexts

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

SEND_BYTES = 256 * 1024
INVALID_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
INVALID_TARGET = re.compile(r"[^\x21-\xff]")


@dataclass(frozen=True)
class Origin:
    """Where a connection leads, and whether its certificate is checked."""

    scheme: str
    host: str
    port: int
    verify: bool = True


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
class TimeLimits:
    """How long one step may take in seconds, and the moment of `time.monotonic()` at which all ends."""

    timeout: float | None = None
    deadline: float | None = None

    def are_past(self) -> bool:
        """Whether the deadline has come."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def seconds_left(self) -> float | None:
        """What the next step may take; hardly anything once the deadline has come."""
        if self.deadline is None:
            return self.timeout
        left = max(self.deadline - time.monotonic(), 0.001)
        return left if self.timeout is None else min(self.timeout, left)


@dataclass(frozen=True)
class OpeningTimes:
    """Milliseconds that the phases of opening a connection took."""

    dns: float
    connect: float
    tls: float | None = None


class SocketReader(io.RawIOBase):
    """Reads from a socket, each time no longer than the limits allow.

    A server that sends a byte now and then would hold a plain file on a socket for ever.
    """

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self.limits = TimeLimits()
        self.received = 0
        self.is_resting = False
        """While it rests, there is nothing to read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        if self.is_resting:
            return None
        if self.limits.are_past():
            raise TimeoutError("the deadline is past")
        self._socket.settimeout(self.limits.seconds_left())
        count = self._socket.recv_into(buffer)
        self.received += count
        return count


class Connection:
    """An open socket with its reading side. Used by one request at a time."""

    def __init__(self, opened: socket.socket, times: OpeningTimes) -> None:
        self.socket = opened
        self.reader = SocketReader(opened)
        self.stream = io.BufferedReader(self.reader, READ_BYTES)
        self.times: OpeningTimes | None = times
        """None once a request has been sent: the next one did not have to wait for it."""
        self.idle_until: float | None = None

    def begin(self, limits: TimeLimits) -> None:
        """Get ready for a request that has these limits."""
        self.reader.limits = limits
        self.reader.received = 0
        self.socket.settimeout(limits.seconds_left())

    def send(self, head: bytes, body: bytes | None) -> None:
        """Write a request. Raises OSError."""
        if body is None or len(body) <= SEND_BYTES:
            self.socket.sendall(head + (body or b""))
            return
        self.socket.sendall(head)
        for start in range(0, len(body), SEND_BYTES):
            self.socket.sendall(body[start : start + SEND_BYTES])

    def read_head(self, lenient: bool) -> Head:
        """Read up to the body. Raises RequestFailed."""
        try:
            return read_head(self.stream, lenient)
        except OSError as error:
            raise transfer_failure(error, "read") from None

    def left_over(self) -> bytes:
        """What came behind the response, as far as it has been read already."""
        self.reader.is_resting = True
        try:
            return self.stream.peek()
        finally:
            self.reader.is_resting = False

    def is_usable(self) -> bool:
        """Whether an idle connection still stands: nothing has arrived on it, not even its end."""
        if self.idle_until is not None and time.monotonic() > self.idle_until:
            return False
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return not poll.poll(0)

    def interrupt(self) -> None:
        """End a connection that another thread is using; that thread finds its end and closes it."""
        with suppress(OSError):  # the other side may have been faster
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close a connection that nobody is using."""
        self.socket.close()


def open_connection(
    origin: Origin, connector: Connector, contexts: TlsContexts, proxy: Proxy | None, limits: TimeLimits
) -> Connection:
    """Connect to an origin, through the proxy where there is one. Raises RequestFailed."""
    timeout = limits.seconds_left()
    try:
        if proxy is None:
            opened = connector.connect(origin.host, origin.port, timeout)
        else:
            connector.check_target(origin.host, origin.port, timeout)
            opened = connector.connect_to_proxy(proxy.host, proxy.port, timeout)
    except OSError as error:
        raise connect_failure(error, origin.host) from None
    connection = Connection(opened.socket, OpeningTimes(opened.dns, opened.connect))
    connection.begin(limits)
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
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    fields = [("Host", f"{host}:{origin.port}")]
    if proxy.authorization:
        fields.append(("Proxy-Authorization", proxy.authorization))
    try:
        connection.send(request_head("CONNECT", f"{host}:{origin.port}", fields), None)
    except OSError as error:
        raise transfer_failure(error, "write") from None
    head = connection.read_head(lenient=False)
    if head.status != 200:
        raise failure(
            "ECONNRESET",
            f"tunneling socket could not be established, statusCode={head.status}",
            "The proxy refuses a connection to this host.",
        )


def _with_tls(connection: Connection, origin: Origin, contexts: TlsContexts, opened: Connected) -> Connection:
    started = time.perf_counter()
    try:
        context = contexts.context_for(origin.host, origin.port, origin.verify)
        wrapped = context.wrap_socket(connection.socket, server_hostname=origin.host)
    except OSError as error:
        raise tls_failure(error, origin.host) from None
    except ValueError as error:  # the host's own certificates, or a name that no certificate can have
        raise failure("ERR_TLS_CERTIFICATE", str(error)) from None
    tls = (time.perf_counter() - started) * 1000
    return Connection(wrapped, OpeningTimes(opened.dns, opened.connect, tls))


def request_head(method: str, target: str, fields: Headers, encoding: str = "latin-1") -> bytes:
    """The bytes of a request up to its body, in UTF-8 where Node writes it together with a body of text.

    Raises RequestFailed, with Node's codes, for what cannot stand in a request.
    """
    if not TOKEN.match(method):
        raise failure("ERR_INVALID_HTTP_TOKEN", f'Method must be a valid HTTP token ["{method}"]')
    if INVALID_TARGET.search(target):
        raise failure("ERR_UNESCAPED_CHARACTERS", "Request path contains unescaped characters")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in _with_one_cookie(fields):
        if not TOKEN.match(name):
            raise failure("ERR_INVALID_HTTP_TOKEN", f'Header name must be a valid HTTP token ["{name}"]')
        if INVALID_VALUE.search(value):
            raise failure("ERR_INVALID_CHAR", f'Invalid character in header content ["{name}"]')
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode(encoding)


def _with_one_cookie(fields: Headers) -> Headers:
    """Cookies go out in one field (RFC 6265, section 5.4), in the place of the first."""
    cookies = [value for name, value in fields if name.lower() == "cookie"]
    if len(cookies) < 2:
        return fields
    place = next(at for at, (name, _) in enumerate(fields) if name.lower() == "cookie")
    rest = [field for field in fields if field[0].lower() != "cookie"]
    return [*rest[:place], (fields[place][0], "; ".join(cookies)), *rest[place:]]
