"""The report of a run: plain data. Bodies and headers, which may hold secrets, are in its exchanges alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from monitors.runner.captures import Capture, KeptExchange


class RunResult(StrEnum):
    """The results of Postman's monitors."""

    SUCCESSFUL = "successful"
    """Every request got a response and every test passed."""
    FAILURE = "failure"
    """A test failed."""
    ERROR = "error"
    """A script threw an error, or a request got no response."""
    ABORT = "abort"
    """The run was ended by a limit, such as its timeout."""


@dataclass
class RequestLine:
    """Method and URL of a request, the URL as it was sent."""

    method: str
    url: str


@dataclass
class Phases:
    """Milliseconds that each phase of a request took; None for those that an open connection saved."""

    dns: int | None
    connect: int | None
    tls: int | None
    send: int
    wait: int
    """Until the first part of the response came."""
    download: int


@dataclass
class ResponseSummary:
    """A response without its headers and body."""

    code: int
    reason: str
    """The status text."""
    time_ms: int
    size_bytes: int
    """Size of the body as it was transferred, before decompression."""
    truncated: bool = False
    """Whether the body was cut at the run's limit."""
    phases: Phases | None = None


@dataclass
class RequestError:
    """Why no response came."""

    code: str
    """Node's code: ECONNREFUSED, ENOTFOUND, ETIMEDOUT, …; empty where Node has none."""
    message: str
    """Newman's message."""
    explanation: str
    """A sentence for people who do not know Node."""


@dataclass
class ScriptFailure:
    """An error that a script did not catch."""

    listen: str
    name: str
    message: str
    line: int | None = None
    """Counted from 1 in the script's own source."""
    late: bool = False
    """Thrown by a timer, a callback or a promise rather than by the script itself. Newman ignores these."""


@dataclass
class Assertion:
    """One `pm.test` of a script."""

    name: str
    passed: bool
    skipped: bool = False
    error: str | None = None


@dataclass
class SentRequest:
    """One request that an item caused: its own, or one of its scripts' `pm.sendRequest`."""

    request: RequestLine
    response: ResponseSummary | None = None
    error: RequestError | None = None
    from_script: bool = False
    count: int = 1
    """Requests that were really sent for it, including those after challenges and redirects."""
    attempts: int = 1
    """1, and 1 more for every challenge that was answered."""
    item_name: str | None = None
    """The name of the request of the collection that a script ran by `pm.execution.runRequest`."""
    started_ms: int = 0
    """Milliseconds since the start of the run."""
    elapsed_ms: int = 0
    """Until the response or the error, with all challenges and redirects on the way."""
    capture: Capture | None = field(default=None, repr=False, compare=False)


@dataclass
class Execution:
    """One execution of a request of the collection, together with its scripts."""

    item_id: str
    item_name: str
    folders: tuple[str, ...] = ()
    attempt: int = 1
    retried: bool = False
    """Whether another attempt followed. If so, that one counts instead."""
    skipped: bool = False
    sent: list[SentRequest] = field(default_factory=list)
    script_errors: list[ScriptFailure] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)

    @property
    def own(self) -> SentRequest | None:
        """The item's own request; None when it was skipped."""
        own = (sent for sent in reversed(self.sent) if not sent.from_script and sent.item_name is None)
        return next(own, None)

    @property
    def request(self) -> RequestLine | None:
        return self.own.request if self.own else None

    @property
    def response(self) -> ResponseSummary | None:
        return self.own.response if self.own else None

    @property
    def error(self) -> RequestError | None:
        """Why its own request got no response, or the last one that its scripts ran by
        `pm.execution.runRequest`."""
        if self.own and self.own.error:
            return self.own.error
        items = [sent for sent in self.sent if not sent.from_script]
        return items[-1].error if items else None

    @property
    def failed_assertions(self) -> list[Assertion]:
        return [assertion for assertion in self.assertions if not assertion.passed]

    @property
    def result(self) -> RunResult:
        """SUCCESSFUL, FAILURE or ERROR."""
        if self.error or self.script_errors:
            return RunResult.ERROR
        return RunResult.FAILURE if self.failed_assertions else RunResult.SUCCESSFUL


@dataclass
class UnsentItem:
    """A request of the collection that the run did not come to."""

    item_id: str
    item_name: str
    folders: tuple[str, ...]
    method: str
    index: int
    """How many executions stand before it in the order of the collection."""


@dataclass
class ConsoleEntry:
    """A line of the run's console."""

    level: str
    """A level of JavaScript's console, `stage`, or `failed` for a test, script or request that failed."""
    text: str
    item_name: str = ""
    at_ms: int = 0
    """Milliseconds since the start of the run."""
    execution: int | None = None
    """The index of the execution that it belongs to; None for a line of the whole run."""


@dataclass
class Totals:
    """Sums over the last attempt of each request. Only `requests` counts everything that was sent, for
    usage."""

    requests: int = 0
    failed_requests: int = 0
    assertions: int = 0
    failed_assertions: int = 0
    skipped_assertions: int = 0
    script_errors: int = 0
    response_bytes: int = 0
    average_response_ms: int = 0
    total_response_ms: int = 0


@dataclass
class RunReport:
    """The report of one run."""

    collection_name: str
    result: RunResult = RunResult.SUCCESSFUL
    executions: list[Execution] = field(default_factory=list)
    console: list[ConsoleEntry] = field(default_factory=list)
    error: str | None = None
    """Why the run ended early, as a sentence: a limit, or a sandbox that was lost."""
    duration_ms: int = 0
    unsent: list[UnsentItem] = field(default_factory=list)
    """In the order of the collection."""
    exchanges: list[KeptExchange] = field(default_factory=list)

    @property
    def counted(self) -> list[Execution]:
        """The last attempt of each request."""
        return [execution for execution in self.executions if not execution.retried]

    @property
    def totals(self) -> Totals:
        counted = self.counted
        sent = [sent for execution in counted for sent in execution.sent]
        assertions = [assertion for execution in counted for assertion in execution.assertions]
        responses = [sent.response for sent in sent if sent.response]
        total_ms = sum(response.time_ms for response in responses)
        return Totals(
            requests=sum(sent.count for execution in self.executions for sent in execution.sent),
            failed_requests=sum(sent.error is not None for sent in sent),
            assertions=len(assertions),
            failed_assertions=sum(not assertion.passed for assertion in assertions),
            skipped_assertions=sum(assertion.skipped for assertion in assertions),
            script_errors=sum(len(execution.script_errors) for execution in counted),
            response_bytes=sum(response.size_bytes for response in responses),
            average_response_ms=round(total_ms / len(responses)) if responses else 0,
            total_response_ms=total_ms,
        )
