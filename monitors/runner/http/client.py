"""The HTTP client of one run."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from monitors.runner.http.cookies import CookieJar
from monitors.runner.http.egress import EgressPolicy
from monitors.runner.http.message import Auth, Behaviour, Exchange, OutgoingRequest
from monitors.runner.http.tls import HostTls

DEFAULT_BEHAVIOUR = Behaviour()


class HttpClient:
    """Sends the requests of one run, keeps its cookies and its connections. Usable from several threads.

    `timeout_ms` is Newman's `--timeout-request` (None waits for ever), `deadline` a moment of `time.monotonic()` after which
    every request ends with the code ETIMEDOUT, `proxy` the URL of an HTTP proxy for all requests. A response body
    longer than `max_response_bytes` (decoded) is cut there and marked as truncated.
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
    ) -> None:
        self.cookies = CookieJar()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; a request still in flight in another thread ends with ECONNRESET."""

    def send(
        self,
        request: OutgoingRequest,
        auth: Auth | None = None,
        behaviour: Behaviour = DEFAULT_BEHAVIOUR,
        timeout_ms: float | None = None,
    ) -> Exchange:
        """Send a request whose URL is already encoded, answer challenges, follow redirects.

        Raises RequestFailed when no response came.
        """
        raise NotImplementedError
