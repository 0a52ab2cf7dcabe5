"""Sends what requests and scripts ask for, and puts the answers into Postman's JSON."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from monitors.runner.headers import headers_to_json
from monitors.runner.http import Exchange, HttpClient, IncomingResponse, OutgoingRequest, RequestFailed
from monitors.runner.report import RequestError, RequestLine, ResponseSummary, SentRequest
from monitors.runner.request import PreparedRequest


class SendOutcome:
    """A request that was sent, and the response or the error that came of it."""

    def __init__(self, prepared: PreparedRequest, outcome: Exchange | RequestFailed) -> None:
        self.prepared = prepared
        self.outcome = outcome
        self.exchange = outcome if isinstance(outcome, Exchange) else None
        self.error = outcome if isinstance(outcome, RequestFailed) else None

    @property
    def warnings(self) -> list[str]:
        """Why what went out is not quite what the collection asks for."""
        return self.prepared.warnings + self.outcome.warnings

    @property
    def sent_request(self) -> OutgoingRequest:
        """As scripts see it."""
        first = self.exchange.first if self.exchange else self.error and self.error.request
        return first or self.prepared.outgoing

    @property
    def response(self) -> IncomingResponse | None:
        return self.exchange.response if self.exchange else None

    def summary(self, from_script: bool = False) -> SentRequest:
        outgoing = self.prepared.outgoing
        return SentRequest(
            RequestLine(self.prepared.definition["method"], outgoing.url),
            response_summary(self.response) if self.response else None,
            self._error_summary(),
            from_script,
            self.outcome.sent,
            self.outcome.attempts,
        )

    def _error_summary(self) -> RequestError | None:
        if self.error is None:
            return None
        return RequestError(self.error.code, self.error.message, self.error.explanation)


def send(client: HttpClient, prepared: PreparedRequest) -> SendOutcome:
    try:
        return SendOutcome(prepared, client.send(prepared.outgoing, prepared.auth, prepared.behavior))
    except RequestFailed as failure:
        return SendOutcome(prepared, failure)


def response_summary(response: IncomingResponse) -> ResponseSummary:
    return ResponseSummary(
        response.status, reason(response), response_time(response), response.body_size, response.truncated
    )


def reason(response: IncomingResponse) -> str:
    """The status text for people, by the standard where the server sent none."""
    if response.reason:
        return response.reason
    return HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else ""


def response_time(response: IncomingResponse) -> int:
    """Whole milliseconds, rounded up as Postman does."""
    return max(1, int(-(-response.timings.total // 1)))


def response_json(response: IncomingResponse) -> dict[str, Any]:
    """As the script bundle takes it. Where the server sent no status text, the bundle has one of its own."""
    return {
        "id": str(uuid.uuid4()),
        "code": response.status,
        **({"status": response.reason} if response.reason else {}),
        "header": headers_to_json(response.headers),
        "stream": response.body,
        "responseTime": response_time(response),
    }
