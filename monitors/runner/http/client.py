"""The HTTP client of one run."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from monitors.runner.http.auth import AuthContext, AuthError, AuthFlow, Token, scheme_for
from monitors.runner.http.connecting import Connector, DnsResolver, system_resolver
from monitors.runner.http.connection import Origin, Proxy
from monitors.runner.http.cookies import CookieJar
from monitors.runner.http.egress import EgressPolicy
from monitors.runner.http.failures import failure
from monitors.runner.http.message import (
    Auth,
    Behavior,
    Exchange,
    IncomingResponse,
    OutgoingRequest,
    RequestFailed,
)
from monitors.runner.http.redirects import drop_stale_cookies, redirect_location, redirected
from monitors.runner.http.system_headers import (
    add_cookies,
    add_hop_headers,
    add_system_headers,
    framed_body,
    show_late_fields,
)
from monitors.runner.http.tls import HostTls, TlsContexts
from monitors.runner.http.transport import Transport, WireRequest
from monitors.runner.http.url_parts import DEFAULT_PORTS, UrlParts

DEFAULT_BEHAVIOR = Behavior()

ONLY_HTTP = "Only http:// and https:// are sent, no WebSocket, Socket.IO, gRPC or MQTT."

MAX_CHALLENGES = 3
"""How many challenges to one request are answered, as in Newman."""


class HttpClient:
    """Sends the requests of one run, keeps its cookies and its connections. Usable from several threads.

    `timeout_ms` is Newman's `--timeout-request` (None waits forever), `deadline` a moment of
    `time.monotonic()` after which every request ends with the code ETIMEDOUT, `proxy` the URL of an HTTP
    proxy for all requests. A response body longer than `max_response_bytes` (decoded) is cut there and
    marked as truncated. `verify_tls` off holds for all requests, on for those whose behavior agrees.
    """

    def __init__(
        self,
        egress: EgressPolicy,
        *,
        timeout_ms: float | None = None,
        verify_tls: bool = True,
        max_response_bytes: int = 10 * 1024 * 1024,
        hosts: Sequence[HostTls] = (),
        proxy: str | None = None,
        deadline: float | None = None,
        resolver: DnsResolver = system_resolver,
    ) -> None:
        self.cookies = CookieJar()
        self._timeout_ms = timeout_ms
        self._verify_tls = verify_tls
        self.tokens: dict[str, Token] = {}
        self._challenges: dict[tuple[int, str], dict[str, str]] = {}
        self._proxy = Proxy.from_url(proxy) if proxy else None
        self._transport = Transport(
            Connector(egress, resolver), TlsContexts(hosts), max_response_bytes, self._proxy, deadline
        )

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection. A request still in flight in another thread ends with ECONNRESET."""
        self._transport.close()

    def send(
        self,
        request: OutgoingRequest,
        auth: Auth | None = None,
        behavior: Behavior = DEFAULT_BEHAVIOR,
        timeout_ms: float | None = None,
    ) -> Exchange:
        """Send a request whose URL is already encoded, answer challenges, follow redirects.

        Raises RequestFailed when no response came.
        """
        return _Sending(self, behavior, self._timeout_ms if timeout_ms is None else timeout_ms).run(
            request, auth
        )

    def challenge(self, auth: Auth) -> dict[str, str]:
        """The last challenge to a definition of authorization, empty at first. Schemes change it in place."""
        return self._challenges.setdefault((auth.source, auth.type), {}) if auth.source else {}

    def transmit(
        self, request: OutgoingRequest, behavior: Behavior, timeout_ms: float | None
    ) -> IncomingResponse:
        """Send a request that has all its header fields and read the response. Raises RequestFailed."""
        parts = UrlParts.of(request.url)
        if parts.scheme not in DEFAULT_PORTS:
            raise failure("", f"Invalid protocol: {parts.scheme}:", ONLY_HTTP)
        if not parts.host:
            raise failure("", f'Invalid URI "{request.url}"', "The URL names no host.")
        verify = self._verify_tls and behavior.strict_ssl
        origin = Origin(parts.scheme, parts.host.strip("[]"), parts.port_number(), verify, behavior.tls)
        wire = WireRequest(
            request.method,
            request.url,
            origin,
            parts.target,
            request.headers,
            framed_body(request),
            lenient=behavior.insecure_http_parser,
            follows_redirects=behavior.follow_redirects,
        )
        if self._proxy is not None and parts.scheme == "http":
            wire = wire.through(self._proxy)
        return self._transport.send(wire, timeout_ms / 1000 if timeout_ms else None)


class _Sending:
    """Sends one request of a collection, with its authorization, its challenges and its redirects."""

    def __init__(self, client: HttpClient, behavior: Behavior, timeout_ms: float | None) -> None:
        self.client = client
        self.behavior = behavior
        self.timeout_ms = timeout_ms
        self.sent = 0
        self.attempts = 1
        self.warnings: list[str] = []

    def run(self, request: OutgoingRequest, auth: Auth | None) -> Exchange:
        try:
            exchange = self._authorize(request.copy(), auth)
        except RequestFailed as failed:
            self._describe(failed)
            raise
        self._describe(exchange)
        return exchange

    def _describe(self, outcome: Exchange | RequestFailed) -> None:
        outcome.sent, outcome.attempts, outcome.warnings = self.sent, self.attempts, self.warnings

    def _authorize(self, request: OutgoingRequest, auth: Auth | None) -> Exchange:
        """Send the request as its authorization has it, and again for each challenge."""
        flow = self._flow(request, auth)
        exchange = self._follow(self._next(flow, request) or request)
        while self.attempts <= MAX_CHALLENGES and (again := self._next(flow, request, exchange.response)):
            self.attempts += 1
            try:
                exchange = self._follow(again)
            except RequestFailed as failed:
                if failed.request:
                    show_late_fields(failed.request, exchange.first)
                raise
        return exchange

    def _flow(self, request: OutgoingRequest, auth: Auth | None) -> AuthFlow | None:
        if auth is None or auth.type == "noauth":
            return None
        context = AuthContext(
            self._send_for_auth,
            not self.behavior.disable_url_encoding,
            self.client.tokens,
            self.client.challenge(auth),
        )
        try:
            return scheme_for(auth).flow(request, context)
        except AuthError as error:
            self.warnings.append(str(error))
            return None

    def _next(
        self, flow: AuthFlow | None, request: OutgoingRequest, response: IncomingResponse | None = None
    ) -> OutgoingRequest | None:
        """What a flow sends next, None at its end; the request as it stands where the flow fails."""
        if flow is None:
            return None
        try:
            return next(flow) if response is None else flow.send(response)
        except StopIteration:
            return None
        except (AuthError, ValueError, TypeError) as error:  # parameters may be any JSON
            self.warnings.append(f"The request could not be authorized and goes out as it is: {error}")
            return request

    def _send_for_auth(self, request: OutgoingRequest) -> IncomingResponse:
        return self._follow(request).response

    def _follow(self, request: OutgoingRequest) -> Exchange:
        request = request.copy()
        add_system_headers(request, self.behavior)
        first = request.copy()
        try:
            return self._follow_redirects(request, first)
        except RequestFailed as failed:
            failed.request = first
            raise

    def _follow_redirects(self, request: OutgoingRequest, first: OutgoingRequest) -> Exchange:
        """Scripts see of `first` the cookies and the length of the body once its response has begun."""
        sent = request
        typed_cookies = "; ".join(request.headers.get_all("Cookie")) or None
        for _ in range(max(self.behavior.max_redirects, 0) + 1):
            self._add_cookies(request, typed_cookies)
            response = self._hop(request)
            location = redirect_location(response, self.behavior)
            if location is None:
                show_late_fields(first, sent)
                if response.failure:
                    raise response.failure
                cookies = self.client.cookies.for_url(request.url)
                return Exchange(request, response, first, cookies, self.sent)
            previous = request.url
            request = redirected(request, location, response.status, self.behavior)
            drop_stale_cookies(request, previous, typed_cookies)
        raise failure(
            "",
            f"Exceeded maxRedirects. Probably stuck in a redirect loop {previous}",
            f"The server redirects more than {self.behavior.max_redirects} times.",
        )

    def _add_cookies(self, request: OutgoingRequest, typed: str | None) -> None:
        add_hop_headers(request, self.behavior)
        if not self.behavior.disable_cookies:
            add_cookies(request, self.client.cookies.header_for(request.url), typed)

    def _hop(self, request: OutgoingRequest) -> IncomingResponse:
        self.sent += 1
        response = self.client.transmit(request, self.behavior, self.timeout_ms)
        if not self.behavior.disable_cookies:
            for value in response.headers.get_all("Set-Cookie"):
                self.client.cookies.receive(value, request.url)
        return response
