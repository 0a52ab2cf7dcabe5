"""Requests, responses and failures as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from monitors.runner.http.headers import Headers
from monitors.runner.http.set_cookie import PostmanCookie


@dataclass(frozen=True)
class SignedBody:
    """The collection's body as Postman's authorizers see it, whether or not it is sent."""

    mode: str = ""
    content: bytes | None = None
    """None for an empty body, and for form data, which no authorizer reads."""
    sent: bool = False
    """False where the body is disabled, and for a GET, whose body is pruned."""


@dataclass
class OutgoingRequest:
    """A request with its variables replaced, before authorization and system headers."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = None
    content_type: str | None = None
    """A Content-Type that follows from the body. It is added after the authorization and is not signed."""
    replaces_content_type: bool = False
    """Whether `content_type` replaces one that the request has. A form's does."""
    signed_body: SignedBody = SignedBody()
    added_to_form: list[tuple[str, str]] = field(default_factory=list)
    """Fields that the authorization put into the form."""

    def copy(self) -> OutgoingRequest:
        """A copy whose headers can be changed."""
        return replace(self, headers=Headers(self.headers))


@dataclass(frozen=True)
class Auth:
    """An authorization with its variables replaced. `parameters` has Postman's names of parameters."""

    type: str
    parameters: Mapping[str, object]
    source: int = 0
    """Identifies the definition in the collection: a server's challenge is kept for each, but not for 0."""


@dataclass(frozen=True)
class TlsBehavior:
    """What a request asks of TLS: `tlsDisabledProtocols`, `tlsCipherSelection`, `tlsPreferServerCiphers`."""

    disabled_protocols: frozenset[str] = frozenset()
    """Postman's names: `TLSv1_2`, `TLSv1_3` …"""
    ciphers: tuple[str, ...] = ()
    """OpenSSL's names, in the order of preference."""
    prefer_server_ciphers: bool = False


ANY_TLS = TlsBehavior()


@dataclass(frozen=True)
class Behavior:
    """`protocolProfileBehavior` of an item, merged with its folders' and the run's options.

    Postman's names and defaults (postman-runtime, docs/protocol-profile-behavior.md).
    """

    follow_redirects: bool = True
    follow_original_http_method: bool = False
    follow_authorization_header: bool = False
    remove_referer_header_on_redirect: bool = False
    max_redirects: int = 10
    strict_ssl: bool = True
    disable_cookies: bool = False
    disable_url_encoding: bool = False
    disable_body_pruning: bool = False
    insecure_http_parser: bool = False
    disabled_system_headers: frozenset[str] = frozenset()
    tls: TlsBehavior = ANY_TLS


@dataclass(frozen=True)
class Timings:
    """Milliseconds that each phase took; None where a kept-alive connection skipped it."""

    dns: float | None
    connect: float | None
    tls: float | None
    send: float
    wait: float
    """From the last byte of the request to the first part of the response."""
    download: float
    total: float


@dataclass
class IncomingResponse:
    """A complete response. `body` is decoded (gzip, deflate, br). Sizes are in bytes as received."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    url: str
    timings: Timings
    header_size: int = 0
    body_size: int = 0
    truncated: bool = False
    failure: RequestFailed | None = None
    """What is wrong with the body or the bytes after it. Where a redirect is followed it does not matter."""


@dataclass
class Exchange:
    """A request and the last response to it, with the challenges and redirects on the way there."""

    request: OutgoingRequest
    """As last sent: with authorization, cookies and system headers, at the last URL."""
    response: IncomingResponse
    first: OutgoingRequest
    """As first sent, the way that scripts see it as `pm.request`."""
    cookies: list[PostmanCookie] = field(default_factory=list)
    """The cookies that the jar has for the last URL, as scripts see them in `pm.cookies`."""
    sent: int = 1
    """How many requests were sent, including those for challenges, redirects and tokens."""
    attempts: int = 1
    """1, and one more for each challenge that was answered."""
    warnings: list[str] = field(default_factory=list)
    """Why the request went out without the authorization that was asked for."""


class RequestFailed(Exception):
    """No response came.

    `code` is the one that Node, and so Newman, gives (ECONNREFUSED, ENOTFOUND, …), empty where Node has none;
    `message` is Newman's wording, `explanation` a sentence for people who do not know Node.
    """

    def __init__(self, code: str, message: str, explanation: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.explanation = explanation or message
        self.unread = False
        """Whether the server provably read nothing of the request, which may then be sent again."""
        self.request: OutgoingRequest | None = None
        """The request as scripts see it in `pm.request`, like an Exchange's `first`."""
        self.sent = 0
        self.attempts = 1
        self.warnings: list[str] = []
        """These three are as in an Exchange. `sent` includes the request that failed."""
