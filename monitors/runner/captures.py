"""What a run keeps of the requests that failed: header fields and bodies, cut, decoded and masked."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from itertools import accumulate

from monitors.runner.http import Headers, IncomingResponse, OutgoingRequest
from monitors.runner.masking import ELLIPSIS, MASK, SecretMask

MAX_BODY = 64 * 1024
"""Bytes that are kept of a body."""
MAX_HEADERS = 64 * 1024
"""Characters that are kept of all header fields of a message."""
MAX_OF_RUN = 2 * 1024 * 1024
"""Bytes of all bodies and characters of all header fields that one run keeps. Of later requests, only the
method and the URL are kept."""

CREDENTIALS = re.compile(
    r"auth|cookie|credential|jwt|key|passw|secret|session|signature|token", re.IGNORECASE
)
"""Names of header fields whose values are masked, whoever set them."""
SHOWN = re.compile(r"(?:www|proxy)-authenticate|sec-websocket|access-control-", re.IGNORECASE)
SCHEME = re.compile(r"(?:basic|bearer|digest|hawk|negotiate|ntlm|oauth|token) (?=.)", re.IGNORECASE)
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
TEXT_CHARSET = re.compile(
    r"(?:us-)?ascii|utf-?(?:8|16|32)(?:[bl]e)?|utf-(?:16|32)[bl]e|latin-?1|iso-?8859-\d{1,2}|windows-\d{3,4}|koi8-[ru]"
    r"|shift[_-]jis|euc-(?:jp|kr)|gb(?:k|2312|18030)|big5"
)
"""What web pages use. Others that Python knows, such as Punycode, take time that grows with the square."""


@dataclass
class KeptBody:
    """A body as text; empty for one that is binary, which its type and size describe."""

    text: str = ""
    media_type: str = ""
    size: int = 0
    """Bytes, before anything was cut."""
    is_binary: bool = False
    is_cut: bool = False


@dataclass
class KeptMessage:
    """A request or a response."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: KeptBody = field(default_factory=KeptBody)


@dataclass
class KeptExchange:
    """A request as it was last sent, and the response to it, if one came."""

    execution: int
    """The index of its execution in the report."""
    method: str
    url: str
    request: KeptMessage
    response: KeptMessage | None


class Capture:
    """A request and its response as they were on the wire, until the run knows all its secrets."""

    def __init__(self, request: OutgoingRequest, response: IncomingResponse | None) -> None:
        self.request = request
        self.response = response
        self._headers: list[list[tuple[str, str]]] = [request.headers, response.headers if response else []]
        self._bodies = [request.body or b"", response.body if response else b""]
        self.sizes = [len(body) for body in self._bodies]

    def cut(self, room: int) -> int:
        """Lets go of what is not kept. Returns how much of the `room` the rest takes."""
        left = room
        for index, headers in enumerate(self._headers):
            self._headers[index] = _first_headers(headers, min(left, MAX_HEADERS))
            left -= _size_of(self._headers[index])
        self._bodies = [body[: min(MAX_BODY, left // 2)] for body in self._bodies]
        if self.response:
            self.response.body = b""
        return room - left + sum(map(len, self._bodies))

    def masked(self, execution: int, mask: SecretMask) -> KeptExchange:
        """What is stored of it."""
        request, response = self.request, self.response
        return KeptExchange(
            execution,
            request.method,
            mask.text(request.url),
            self._message(0, request.headers, mask),
            self._message(1, response.headers, mask) if response else None,
        )

    def _message(self, index: int, headers: Headers, mask: SecretMask) -> KeptMessage:
        body = _kept_body(self._bodies[index], self.sizes[index], headers.first("Content-Type") or "")
        body.text = mask.text(body.text, limit=MAX_BODY)
        kept = [(name, _without_credentials(name, mask.text(value))) for name, value in self._headers[index]]
        return KeptMessage(kept, body)


def _first_headers(headers: list[tuple[str, str]], room: int) -> list[tuple[str, str]]:
    """The fields until one does not fit."""
    sizes = accumulate(len(name) + len(value) for name, value in headers)
    return [header for header, size in zip(headers, sizes, strict=True) if size <= room]


def _size_of(headers: list[tuple[str, str]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)


def _without_credentials(name: str, value: str) -> str:
    """Masks the value of a field that is there to carry a credential, but not its scheme or its names."""
    if SHOWN.match(name) or not CREDENTIALS.search(name):
        return value
    if name.lower() == "cookie":
        return ";".join(map(_without_value, value.split(";")))
    if name.lower() == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _without_value(cookie) + semicolon + attributes
    scheme = SCHEME.match(value)
    return f"{scheme[0] if scheme else ''}{MASK}"


def _without_value(cookie: str) -> str:
    name, equals, _ = cookie.partition("=")
    return f"{name}={MASK}" if equals else MASK


def _kept_body(content: bytes, size: int, content_type: str) -> KeptBody:
    media_type = content_type.partition(";")[0].strip().lower()
    charset = CHARSET.search(content_type)
    kept = KeptBody(media_type=media_type[:100], size=size, is_cut=len(content) < size)
    text = _decoded(content, charset[1].lower() if charset else "utf-8")
    if text is None:
        kept.is_binary = True
    else:
        kept.text = text + ELLIPSIS * kept.is_cut
    return kept


def _decoded(content: bytes, charset: str) -> str | None:
    """The text of a body; None where it is none. A character at the end may have been cut in two."""
    if not TEXT_CHARSET.fullmatch(charset):
        charset = "utf-8"
    try:
        text = codecs.getincrementaldecoder(charset)().decode(content)
    except (LookupError, ValueError, TypeError):
        return None
    return None if "\0" in text else text
