"""Reads an HTTP/1.1 response with llhttp, the parser of Node: both accept and refuse the same bytes.

It adds what Node's own code adds to llhttp (lib/_http_client.js, src/node_http_parser.cc): the limit of a
header, the responses to HEAD and the codes of errors.
"""

from __future__ import annotations

from dataclasses import dataclass

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from monitors.runner.http.failures import failure, hang_up
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import RequestFailed

MAX_HEADER_BYTES = 16 * 1024
"""Node's limit for the reason, the names and the values of a header together, or of a trailer."""
MAX_UNPARSED_BYTES = 4 * MAX_HEADER_BYTES
"""The limit for what Node does not limit: a header with its white space, or the first line of a chunk."""
MAX_INFORMATIONAL = 100
SWITCHING_PROTOCOLS = 101
STATUSES_WITHOUT_BODY = (SWITCHING_PROTOCOLS, 204, 304)
EXCESS = "The server sent more than the one response that it announced."

CODES = {
    "Expected HTTP/, RTSP/ or ICE/": "HPE_INVALID_CONSTANT",
    "Invalid HTTP version": "HPE_INVALID_VERSION",
    "Invalid major version": "HPE_INVALID_VERSION",
    "Expected dot": "HPE_INVALID_VERSION",
    "Invalid minor version": "HPE_INVALID_VERSION",
    "Expected space after version": "HPE_INVALID_VERSION",
    "Invalid status code": "HPE_INVALID_STATUS",
    "Invalid response status": "HPE_INVALID_STATUS",
    "Missing expected CR after response line": "HPE_CR_EXPECTED",
    "Missing expected CR after header value": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk size": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk extension name": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk extension value": "HPE_CR_EXPECTED",
    "Missing expected CR after chunk data": "HPE_CR_EXPECTED",
    "Missing expected LF after header value": "HPE_LF_EXPECTED",
    "Unexpected space after start line": "HPE_UNEXPECTED_SPACE",
    "Invalid header token": "HPE_INVALID_HEADER_TOKEN",
    "Invalid header field char": "HPE_INVALID_HEADER_TOKEN",
    "Invalid header value char": "HPE_INVALID_HEADER_TOKEN",
    "Unexpected whitespace after header value": "HPE_INVALID_HEADER_TOKEN",
    "Transfer-Encoding can't be present with Content-Length": "HPE_INVALID_TRANSFER_ENCODING",
    "Invalid `Transfer-Encoding` header value": "HPE_INVALID_TRANSFER_ENCODING",
    "Content-Length can't be present with Transfer-Encoding": "HPE_INVALID_CONTENT_LENGTH",
    "Empty Content-Length": "HPE_INVALID_CONTENT_LENGTH",
    "Content-Length overflow": "HPE_INVALID_CONTENT_LENGTH",
    "Invalid character in Content-Length": "HPE_INVALID_CONTENT_LENGTH",
    "Duplicate Content-Length": "HPE_UNEXPECTED_CONTENT_LENGTH",
    "Chunk size overflow": "HPE_INVALID_CHUNK_SIZE",
    "Invalid character in chunk size": "HPE_INVALID_CHUNK_SIZE",
    "Data after `Connection: close`": "HPE_CLOSED_CONNECTION",
}
"""Node's codes by llhttp's reasons (src/llhttp/http.ts). Every other reason belongs to HPE_STRICT."""


@dataclass
class Head:
    """A response without its body."""

    status: int
    reason: str
    headers: Headers
    size: int
    """Bytes from the status line to the empty line."""
    keeps_alive: bool
    """Whether the server leaves the connection open after this response."""


class ResponseParser:
    """Reads the one response to a request and skips informational responses before it.

    `method` is the request's: a response to HEAD has no body. `lenient` is the behavior
    `insecureHTTPParser`. Nothing is raised: `failure` says what is wrong with the bytes that were fed so far,
    be it in the response or after its end.
    """

    def __init__(self, method: str, lenient: bool = False) -> None:
        self.head: Head | None = None
        self.is_complete = False
        self.failure: RequestFailed | None = None
        self._method = method
        self._lenient = lenient
        self._body: list[bytes] = []
        self._informational = 0
        self._has_excess = False
        self._has_ended = False
        self._begin()

    @property
    def may_have_body(self) -> bool:
        """Whether method and status allow a body, which may still be empty."""
        return (
            self._method != "HEAD" and self.head is not None and self.head.status not in STATUSES_WITHOUT_BODY
        )

    @property
    def leaves_connection_usable(self) -> bool:
        """Whether the next request can use the connection: it is open and nothing followed the response."""
        is_clean = self.is_complete and not (self._has_excess or self._has_ended or self.failure)
        return is_clean and self.head is not None and self.head.keeps_alive

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the connection. Empty bytes mean that it has ended."""
        if not data:
            self._end()
        at = 0
        # Line by line, since httptools does not say where in the bytes a header ends.
        while self.head is None and self.failure is None and at < len(data):
            end = data.find(b"\n", at) + 1 or len(data)
            self._parse(data[at:end])
            at = end
        if at < len(data) and self.failure is None:
            self._parse(data[at:])

    def take_body(self) -> bytes:
        """The bytes of the body that came since the last call, without the framing of chunks."""
        body = b"".join(self._body)
        self._body.clear()
        return body

    def _begin(self) -> None:
        """Expect a status line."""
        self._parser = HttpResponseParser(self)
        if self._lenient:
            self._parser.set_dangerous_leniencies(*[True] * 10)
        self._reason = b""
        self._headers = Headers()
        self._header_bytes = 0
        self._unparsed_bytes = 0

    def _parse(self, data: bytes) -> None:
        self._unparsed_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            pass
        except HttpParserError as error:
            self._refuse(CODES.get(str(error), "HPE_STRICT"), str(error))
        if self._unparsed_bytes > MAX_UNPARSED_BYTES:
            self._refuse("HPE_HEADER_OVERFLOW", "Header overflow")

    def _end(self) -> None:
        self._has_ended = True
        if self.is_complete or self.failure:
            return
        if self.head is None:
            self.failure = hang_up()
        elif _ends_with_connection(self.head.headers):
            self.is_complete = True
        else:
            self.failure = failure("ECONNRESET", "aborted")

    def _refuse(self, code: str, reason: str) -> None:
        """Keep the first error. After the status 101 there are none, since another protocol follows."""
        if self.failure is None and not (self.head and self.head.status == SWITCHING_PROTOCOLS):
            self.failure = failure(code, f"Parse Error: {reason}", EXCESS if self.is_complete else "")

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes >= MAX_HEADER_BYTES:
            self._refuse("HPE_HEADER_OVERFLOW", "Header overflow")

    # httptools calls these methods. After a complete response they report what came after it.

    def on_message_begin(self) -> None:
        self._has_excess = self.is_complete
        if self._method == "HEAD" and self.head and not self.head.keeps_alive and not self._lenient:
            self._refuse("HPE_CLOSED_CONNECTION", "Data after `Connection: close`")

    def on_status(self, text: bytes) -> None:
        self._reason += text
        self._count_header(len(text))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_header(len(name) + len(value))
        if self.head is None:
            self._headers.add(name.decode("latin-1"), value.rstrip(b" \t").decode("latin-1"))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self.head or self.failure:
            return
        if 100 <= status < 200 and status != SWITCHING_PROTOCOLS:
            self._informational += 1
            if self._informational >= MAX_INFORMATIONAL:
                self._refuse("HPE_INVALID_STATUS", "Too many informational responses")
            self._begin()
            return
        reason = self._reason.decode("utf-8", "replace")
        keeps_alive = status != SWITCHING_PROTOCOLS and _keeps_alive(
            self._parser.get_http_version(), self._headers
        )
        self.head = Head(status, reason, self._headers, self._unparsed_bytes, keeps_alive)
        self._header_bytes = self._unparsed_bytes = 0
        if self._method == "HEAD":
            self.is_complete = True
            self._begin()

    def on_body(self, data: bytes) -> None:
        self._unparsed_bytes = 0
        if not self.is_complete:
            self._body.append(data)

    def on_chunk_header(self) -> None:
        self._header_bytes = self._unparsed_bytes = 0

    def on_message_complete(self) -> None:
        self.is_complete = self.is_complete or self.head is not None


def _keeps_alive(version: str, headers: Headers) -> bool:
    connection = ",".join(headers.get_all("Connection")).lower()
    return "close" not in connection if version == "1.1" else "keep-alive" in connection


def _ends_with_connection(headers: Headers) -> bool:
    """Whether nothing but the end of the connection ends the body."""
    encoding = headers.get("Transfer-Encoding")
    if encoding is not None:
        return not encoding.lower().endswith("chunked")
    return headers.get("Content-Length") is None
