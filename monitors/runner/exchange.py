"""Sends prepared requests, and converts responses to Postman's JSON and to the report."""

from __future__ import annotations

import uuid
from http import HTTPStatus

from monitors.runner.captures import Capture
from monitors.runner.header_json import headers_to_json
from monitors.runner.http import (
    Exchange,
    HttpClient,
    IncomingResponse,
    OutgoingRequest,
    RequestFailed,
    Timings,
)
from monitors.runner.report import Phases, RequestError, RequestLine, ResponseSummary, SentRequest
from monitors.runner.request import PreparedRequest
from monitors.runner.shapes import JsonObject


class SendOutcome:
    """A request that was sent, with its response or the error that came instead."""

    def __init__(self, prepared: PreparedRequest, outcome: Exchange | RequestFailed) -> None:
        self.prepared = prepared
        self.outcome = outcome
        self.exchange = outcome if isinstance(outcome, Exchange) else None
        self.error = outcome if isinstance(outcome, RequestFailed) else None

    @property
    def warnings(self) -> list[str]:
        """Sentences that say where the request that was sent differs from the one in the collection."""
        return self.prepared.warnings + self.outcome.warnings

    @property
    def sent_request(self) -> OutgoingRequest:
        """The request that test scripts see as `pm.request`."""
        first = self.exchange.first if self.exchange else self.error and self.error.request
        return first or self.prepared.outgoing

    @property
    def response(self) -> IncomingResponse | None:
        return self.exchange.response if self.exchange else None

    def summary(self, from_script: bool = False) -> SentRequest:
        """The entry for the report."""
        return SentRequest(
            RequestLine(self.prepared.shown_method, self.prepared.outgoing.url),
            response_summary(self.response) if self.response else None,
            self._error_summary(),
            from_script,
            self.outcome.sent,
            self.outcome.attempts,
            capture=None if from_script else Capture(self._last_request, self.response),
        )

    @property
    def _last_request(self) -> OutgoingRequest:
        return self.exchange.request if self.exchange else self.sent_request

    def _error_summary(self) -> RequestError | None:
        if self.error is None:
            return None
        return RequestError(self.error.code, self.error.message, self.error.explanation)


def send(client: HttpClient, prepared: PreparedRequest) -> SendOutcome:
    """Send a request and wait for its response or its failure."""
    try:
        return SendOutcome(prepared, client.send(prepared.outgoing, prepared.auth, prepared.behavior))
    except RequestFailed as failure:
        return SendOutcome(prepared, failure)


def response_summary(response: IncomingResponse) -> ResponseSummary:
    return ResponseSummary(
        response.status,
        reason(response),
        response_time(response),
        response.body_size,
        response.truncated,
        _phases(response.timings),
    )


def _phases(timings: Timings) -> Phases:
    def whole(milliseconds: float | None) -> int | None:
        return None if milliseconds is None else round(milliseconds)

    return Phases(
        whole(timings.dns),
        whole(timings.connect),
        whole(timings.tls),
        round(timings.send),
        round(timings.wait),
        round(timings.download),
    )


def reason(response: IncomingResponse) -> str:
    """The response's status text, or the standard one when the server sent none."""
    if response.reason:
        return response.reason
    return HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else ""


def response_time(response: IncomingResponse) -> int:
    """Whole milliseconds, rounded up as Postman does."""
    return max(1, int(-(-response.timings.total // 1)))


def response_json(response: IncomingResponse) -> JsonObject:
    """The response in Postman's JSON, with bytes as its `stream`. Without a status text from the server, the
    script bundle adds its own."""
    return {
        "id": str(uuid.uuid4()),
        "code": response.status,
        **({"status": response.reason} if response.reason else {}),
        "header": headers_to_json(response.headers),
        "stream": response.body,
        "responseTime": response_time(response),
    }
