"""Sends requests as they are given and reads their responses, each phase timed.

HTTP libraries normalize the URL, merge repeated header fields and add their own. Postman's runner does
none of it, so HTTP/1.1 is spoken here, on connections of our own.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from dataclasses import dataclass, replace

from monitors.runner.http.connecting import Connector
from monitors.runner.http.connection import (
    Connection,
    OpeningTimes,
    Origin,
    Proxy,
    TimeLimit,
    open_connection,
    request_head,
)
from monitors.runner.http.decoding import decoder_for
from monitors.runner.http.failures import failure, transfer_failure
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import IncomingResponse, RequestFailed, Timings
from monitors.runner.http.response_parser import Head, ResponseParser
from monitors.runner.http.tls import TlsContexts

MAX_CONNECTIONS = 50
"""How many a run keeps open: its requests may go to thousands of hosts."""
MAX_REDIRECT_BODY_SECONDS = 1.0
"""For the body of a redirect, which is read only to use the connection again."""


@dataclass(frozen=True)
class WireRequest:
    """A request as it goes out: nothing in it is changed or added on the way."""

    method: str
    url: str
    origin: Origin
    target: str
    """What stands in the request line: path and query, or the whole URL where a proxy is asked for it."""
    headers: Headers
    body: bytes | None = None
    """As it is framed on the wire."""
    lenient: bool = False
    """Whether its response may break the rules that the behavior `insecureHTTPParser` drops."""
    follows_redirects: bool = False

    def through(self, proxy: Proxy) -> WireRequest:
        """The request as a proxy is asked for it."""
        headers = Headers(self.headers)
        if proxy.authorization:
            headers.add("Proxy-Authorization", proxy.authorization)
        target = f"{self.origin.scheme}://{self.origin.authority}{self.target}"
        return replace(self, target=target, headers=headers)


@dataclass
class _Body:
    """What was read of a body: decoded, and its bytes on the wire."""

    content: bytes
    wire_size: int
    truncated: bool = False
    failure: RequestFailed | None = None
    """Why it could not be read to its end."""


class Transport:
    """Sends requests and keeps the connections of a run. Usable from several threads.

    A body longer than `max_response_bytes`, decoded or not, is cut there. `deadline` is a moment of
    `time.monotonic()` by which every response must have come in full.
    """

    def __init__(
        self,
        connector: Connector,
        contexts: TlsContexts,
        max_response_bytes: int,
        proxy: Proxy | None = None,
        deadline: float | None = None,
    ) -> None:
        self.proxy = proxy
        self._connector = connector
        self._contexts = contexts
        self._max_response_bytes = max_response_bytes
        self._deadline = deadline
        self._idle: dict[Origin, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._lock = threading.Lock()

    def send(self, request: WireRequest, timeout: float | None = None) -> IncomingResponse:
        """Send a request and read the whole response, in `timeout` seconds in all. Raises RequestFailed."""
        limit = TimeLimit.of(timeout, self._deadline)
        encoding = "utf-8" if request.body else "latin-1"
        head = request_head(request.method, request.target, request.headers, encoding)
        if limit.is_past():
            raise failure("ETIMEDOUT", "ETIMEDOUT")
        started = time.perf_counter()
        connection = self._take_idle(request.origin)
        if connection is not None:
            try:
                return self._exchange_on(connection, request, head, limit, started)
            except RequestFailed as error:
                # The server may have closed the idle connection in the very moment that we used it again.
                if not error.unread:
                    raise
        fresh = self._open_connection(request.origin, limit)
        return self._exchange_on(fresh, request, head, limit, started)

    def close(self) -> None:
        """Close every connection, also those that another thread waits on."""
        with self._lock:
            idle = [connection for waiting in self._idle.values() for connection in waiting]
            in_use = self._open.difference(idle)
            self._open.clear()
            self._idle.clear()
        for connection in idle:
            connection.close()
        for connection in in_use:
            connection.interrupt()

    def _exchange_on(
        self, connection: Connection, request: WireRequest, head: bytes, limit: TimeLimit, started: float
    ) -> IncomingResponse:
        parser = ResponseParser(request.method, request.lenient)
        try:
            connection.begin(limit)
            response_head = self._send_and_read_head(connection, request, head, parser)
            responded = time.perf_counter()
            body = self._read_body(connection, request, parser, response_head)
        except RequestFailed as failed:
            failed.unread = failed.code in ("ECONNRESET", "EPIPE") and connection.was_unread()
            self._discard(connection)
            raise
        except BaseException:
            self._discard(connection)
            raise
        ended = time.perf_counter()
        times, connection.times = connection.times, None
        self._release(connection, request, parser)
        return IncomingResponse(
            status=response_head.status,
            reason=response_head.reason,
            headers=response_head.headers,
            body=body.content,
            url=request.url,
            timings=_timings(times, started, connection.sent_at, responded, ended),
            header_size=response_head.size,
            body_size=body.wire_size,
            truncated=body.truncated,
            failure=body.failure,
        )

    def _send_and_read_head(
        self, connection: Connection, request: WireRequest, head: bytes, parser: ResponseParser
    ) -> Head:
        try:
            connection.send(head, request.body)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError) as error:
            # A server may respond and close before it has read all of a body that it does not want, or of a
            # request without the certificate that it wants.
            try:
                return connection.read_head(parser)
            except RequestFailed as unread:
                if unread.code and unread.code.startswith("ERR_SSL_"):
                    raise
                raise transfer_failure(error, "write") from None
        except OSError as error:
            raise transfer_failure(error, "write") from None
        return connection.read_head(parser)

    def _read_body(
        self, connection: Connection, request: WireRequest, parser: ResponseParser, head: Head
    ) -> _Body:
        """Read and decode the body up to the limit, or to where it breaks."""
        if request.follows_redirects and 300 <= head.status < 400 and head.headers.first("location"):
            connection.shorten(MAX_REDIRECT_BODY_SECONDS)
        decoder = decoder_for(head.headers.first("content-encoding") or "identity")
        content = bytearray()
        wire_size = 0
        try:
            while True:
                piece = parser.take_body()
                wire_size += len(piece)
                # One byte more than may be kept shows that there was more.
                content += decoder.decode(piece, self._max_response_bytes + 1 - len(content))
                if max(len(content), wire_size) > self._max_response_bytes:
                    return _Body(bytes(content[: self._max_response_bytes]), wire_size, truncated=True)
                if parser.is_complete or parser.failure:
                    break
                parser.feed(connection.receive())
            if parser.is_complete and parser.may_have_body:
                decoder.finish()
        except RequestFailed as broken:
            return _Body(b"", 0, failure=broken)
        return _Body(bytes(content), wire_size, failure=parser.failure)

    def _take_idle(self, origin: Origin) -> Connection | None:
        while True:
            with self._lock:
                waiting = self._idle.get(origin)
                if not waiting:
                    return None
                connection = waiting.pop()
            if connection.is_usable():
                return connection
            self._discard(connection)

    def _open_connection(self, origin: Origin, limit: TimeLimit) -> Connection:
        connection = open_connection(origin, self._connector, self._contexts, self.proxy, limit)
        with self._lock:
            self._open.add(connection)
        return connection

    def _release(self, connection: Connection, request: WireRequest, parser: ResponseParser) -> None:
        """Keep the connection for the next request, or close it where it cannot serve one."""
        wants_close = any("close" in value.lower() for value in request.headers.get_all("Connection"))
        if parser.head is None or not parser.leaves_connection_usable or wants_close:
            self._discard(connection)
            return
        connection.idle_until = _idle_until(parser.head)
        with self._lock:
            if connection in self._open and len(self._open) <= MAX_CONNECTIONS:
                self._idle.setdefault(request.origin, []).append(connection)
                return
        self._discard(connection)

    def _discard(self, connection: Connection) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()


def _idle_until(head: Head) -> float | None:
    """When the server will close the idle connection, a second early as Node's agent takes it."""
    hint = re.search(r"\btimeout=(\d{1,9})\b", head.headers.first("keep-alive") or "")
    return time.monotonic() + int(hint[1]) - 1 if hint else None


def _timings(
    times: OpeningTimes | None, started: float, sent: float, responded: float, ended: float
) -> Timings:
    opening = 0.0 if times is None else times.dns + times.connect + (times.tls or 0.0)
    return Timings(
        dns=times.dns if times else None,
        connect=times.connect if times else None,
        tls=times.tls if times else None,
        send=max((sent - started) * 1000 - opening, 0.0),
        wait=(responded - sent) * 1000,
        download=(ended - responded) * 1000,
        total=(ended - started) * 1000,
    )
