"""Reads HTTP/1.1 responses off a connection, as strict and as lenient as Node's parser (llhttp)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from monitors.runner.http.failures import failure, hang_up
from monitors.runner.http.message import Headers, RequestFailed

MAX_HEADER_BYTES = 16 * 1024
READ_BYTES = 64 * 1024

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
VERSIONS = ("HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0")
MAX_INFORMATIONAL = 100
LENGTH = re.compile(r"[0-9]{1,18}")
WITHOUT_BODY = (101, 204, 304)
TOO_MUCH = "The server sent more than the one answer that it announced."


@dataclass
class Head:
    """A response without its body. `size` counts the bytes from the status line to the empty line."""

    version: str
    status: int
    reason: str
    headers: Headers
    size: int

    def all(self, name: str) -> list[str]:
        """The values of a header field, in order."""
        return [value for key, value in self.headers if key.lower() == name]

    def first(self, name: str) -> str | None:
        """The first value of a header field: for most fields the only one that Node looks at."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def keeps_alive(self) -> bool:
        """Whether the server leaves the connection open after this response."""
        connection = ",".join(self.all("connection")).lower()
        return "close" not in connection if self.version == "HTTP/1.1" else "keep-alive" in connection


def read_head(stream: BinaryIO, lenient: bool = False) -> Head:
    """The next final response's head; informational ones are passed over.

    `lenient` is the behaviour `insecureHTTPParser`: header fields that break the rules are taken as well
    as can be. Raises RequestFailed with llhttp's codes, ECONNRESET when the connection ends, OSError
    when it breaks.
    """
    for _ in range(MAX_INFORMATIONAL):
        head = _read_one_head(stream, lenient)
        if head.status >= 200 or head.status == 101:
            return head
    raise failure("HPE_INVALID_STATUS", "Parse Error: Too many informational responses")


def _read_one_head(stream: BinaryIO, lenient: bool) -> Head:
    line = _read_line(stream, MAX_HEADER_BYTES, is_status_line=True)
    version, status, reason = _parse_status_line(line, lenient)
    size = len(line)
    headers: Headers = []
    while line := _read_line(stream, MAX_HEADER_BYTES - size):
        size += len(line)
        text = _without_line_end(line, lenient, "header value")
        if not text:
            break
        _add_field(headers, text, lenient)
    return Head(version, status, reason, headers, size)


def _read_line(stream: BinaryIO, limit: int, is_status_line: bool = False) -> bytes:
    line = stream.readline(max(limit, 1))
    if not line:
        raise hang_up()
    if not line.endswith(b"\n"):
        if len(line) >= limit:
            raise failure("HPE_HEADER_OVERFLOW", "Parse Error: Header overflow")
        if is_status_line and not b"HTTP/".startswith(line[:5]):
            raise _not_http()
        raise hang_up()
    return line


def _parse_status_line(line: bytes, lenient: bool) -> tuple[str, int, str]:
    text = line.decode("latin-1")
    if not text.startswith("HTTP/"):
        raise _not_http()
    _check_version(text)
    text = _without_line_end(line, lenient, "response line")
    code, reason = text[9:12], text[12:]
    if not re.fullmatch(r"[1-9]\d\d", code, re.ASCII):
        raise failure("HPE_INVALID_STATUS", "Parse Error: Invalid status code")
    if reason and not reason.startswith(" "):
        raise failure("HPE_INVALID_STATUS", "Parse Error: Invalid response status")
    return text[:8], int(code), reason[1:].encode("latin-1").decode("utf-8", "replace")


def _check_version(line: str) -> None:
    if line[6:7] != ".":
        problem = "Expected dot"
    elif line[:8] not in VERSIONS:
        problem = "Invalid HTTP version"
    elif line[8:9] != " ":
        problem = "Expected space after version"
    else:
        return
    raise failure("HPE_INVALID_VERSION", f"Parse Error: {problem}")


def _without_line_end(line: bytes, lenient: bool, where: str) -> str:
    if line.endswith(b"\r\n"):
        return line[:-2].decode("latin-1")
    if lenient:
        return line[:-1].decode("latin-1")
    raise failure("HPE_CR_EXPECTED", f"Parse Error: Missing expected CR after {where}")


def _add_field(headers: Headers, line: str, lenient: bool) -> None:
    if lenient and line[0] in " \t" and headers:
        name, value = headers[-1]
        headers[-1] = (name, f"{value} {line.strip()}")
        return
    name, colon, value = line.partition(":")
    value = value.strip(" \t")
    if not lenient:
        _check_field(name, colon, value, folded=line[0] in " \t" and bool(headers))
    headers.append((name.rstrip(), value))


def _check_field(name: str, colon: str, value: str, folded: bool) -> None:
    if folded:
        problem = "Unexpected whitespace after header value"
    elif not colon or not TOKEN.match(name):
        problem = "Invalid header token"
    elif "\r" in value:
        raise failure("HPE_LF_EXPECTED", "Parse Error: Missing expected LF after header value")
    elif CONTROL.search(value):
        problem = "Invalid header value char"
    else:
        return
    raise failure("HPE_INVALID_HEADER_TOKEN", f"Parse Error: {problem}")


def read_body(stream: BinaryIO, head: Head, method: str, lenient: bool = False) -> Iterator[bytes]:
    """The body's bytes as they come, without the chunks' frames.

    Raises RequestFailed when the framing is wrong or the body ends early, OSError when the connection breaks.
    """
    encoding = ", ".join(head.all("transfer-encoding")).lower()
    lengths = head.all("content-length")
    if not lenient:
        _check_framing(head, lengths)
    if has_no_body(head, method):
        return iter(())
    if encoding.endswith("chunked"):
        return _read_chunks(stream)
    if lengths and not encoding and LENGTH.fullmatch(lengths[0]):
        return _read_length(stream, int(lengths[0]))
    return iter(lambda: _read_some(stream, READ_BYTES), b"")


def has_no_body(head: Head, method: str) -> bool:
    """Whether a response has no body whatever its header fields say."""
    return method == "HEAD" or head.status in WITHOUT_BODY


def ends_with_connection(head: Head, method: str) -> bool:
    """Whether nothing but the end of the connection ends this response."""
    if has_no_body(head, method):
        return head.status == 101
    encoding = head.all("transfer-encoding")
    return not encoding[-1].lower().endswith("chunked") if encoding else not head.all("content-length")


def excess_of(left_over: bytes, head: Head, lenient: bool = False) -> RequestFailed | None:
    """What is wrong with that which has come behind a whole response: only another may begin there."""
    following = left_over.lstrip(b"\r\n")
    if following and not head.keeps_alive() and not lenient:
        message = "Parse Error: Data after `Connection: close`"
        return failure("HPE_CLOSED_CONNECTION", message, TOO_MUCH)
    return None if b"HTTP/".startswith(following[:5]) else _not_http(TOO_MUCH)


def _check_framing(head: Head, lengths: list[str]) -> None:
    if len(lengths) > 1:
        raise failure("HPE_UNEXPECTED_CONTENT_LENGTH", "Parse Error: Duplicate Content-Length")
    if lengths and not LENGTH.fullmatch(lengths[0]):
        raise failure("HPE_INVALID_CONTENT_LENGTH", "Parse Error: Invalid character in Content-Length")
    names = [name.lower() for name, _ in head.headers]
    if not lengths or "transfer-encoding" not in names:
        return
    if names.index("content-length") < names.index("transfer-encoding"):
        message = "Parse Error: Transfer-Encoding can't be present with Content-Length"
        raise failure("HPE_INVALID_TRANSFER_ENCODING", message)
    message = "Parse Error: Content-Length can't be present with Transfer-Encoding"
    raise failure("HPE_INVALID_CONTENT_LENGTH", message)


def _read_length(stream: BinaryIO, left: int) -> Iterator[bytes]:
    while left:
        data = _read_some(stream, min(left, READ_BYTES))
        if not data:
            raise _aborted()
        left -= len(data)
        yield data


def _read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    while size := _read_chunk_size(stream):
        yield from _read_length(stream, size)
        if stream.readline(3) not in (b"\r\n", b"\n"):
            raise _aborted()
    _skip_trailer(stream)


def _skip_trailer(stream: BinaryIO) -> None:
    left = MAX_HEADER_BYTES
    while (line := stream.readline(left)) not in (b"\r\n", b"\n", b""):
        left -= len(line)
        if left <= 0:
            raise failure("HPE_HEADER_OVERFLOW", "Parse Error: Header overflow")


def _read_chunk_size(stream: BinaryIO) -> int:
    line = stream.readline(MAX_HEADER_BYTES)
    if not line.endswith(b"\n") and len(line) < MAX_HEADER_BYTES:
        raise _aborted()
    digits = line.partition(b";")[0].strip()
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", digits):
        raise failure("HPE_INVALID_CHUNK_SIZE", "Parse Error: Invalid character in chunk size")
    return int(digits, 16)


def _read_some(stream: BinaryIO, most: int) -> bytes:
    """What has arrived, up to a number of bytes; empty at the end of the connection."""
    data: bytes = stream.read1(most)  # type: ignore[attr-defined]  # BufferedReader has it
    return data


def _not_http(explanation: str = "") -> RequestFailed:
    return failure("HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/, RTSP/ or ICE/", explanation)


def _aborted() -> RequestFailed:
    return failure("ECONNRESET", "aborted")
