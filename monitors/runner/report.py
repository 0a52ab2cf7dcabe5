"""What a run leaves behind: plain data, without bodies, headers and values of variables, which may hold
secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class RunResult(StrEnum):
    """postman-monitors' four: every answer came and every test passed; a test failed; the run could not do
    all that the collection asks (a script threw, a request got no answer); its time was over."""

    SUCCESSFUL = "successful"
    FAILURE = "failure"
    ERROR = "error"
    ABORT = "abort"


@dataclass
class RequestLine:
    method: str
    url: str


@dataclass
class ResponseSummary:
    code: int
    reason: str
    time_ms: int
    size_bytes: int
    """The body, as it came over the wire."""
    truncated: bool = False


@dataclass
class RequestError:
    """Why no response came."""

    code: str
    """Node's: ECONNREFUSED, ENOTFOUND, ETIMEDOUT, …; empty where Node has none."""
    message: str
    """In Newman's words."""
    explanation: str
    """For people who do not know Node."""


@dataclass
class ScriptFailure:
    """An error that a script did not catch."""

    listen: str
    name: str
    message: str
    line: int | None = None
    late: bool = False
    """Thrown by a timer, a callback or a promise, when the script itself had gone on; Newman passes over
    these."""


@dataclass
class Assertion:
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
    """Requests on the wire for it: challenges and redirects count."""
    attempts: int = 1
    """One more for every challenge that was answered."""


@dataclass
class Execution:
    """One request of the collection, executed once."""

    item_id: str
    item_name: str
    folders: tuple[str, ...] = ()
    attempt: int = 1
    retried: bool = False
    """Whether another attempt followed, which then decides instead of this one."""
    skipped: bool = False
    sent: list[SentRequest] = field(default_factory=list)
    script_errors: list[ScriptFailure] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)

    @property
    def own(self) -> SentRequest | None:
        """The item's own request; None when it was skipped."""
        return next((sent for sent in reversed(self.sent) if not sent.from_script), None)

    @property
    def request(self) -> RequestLine | None:
        return self.own.request if self.own else None

    @property
    def response(self) -> ResponseSummary | None:
        return self.own.response if self.own else None

    @property
    def error(self) -> RequestError | None:
        return self.own.error if self.own else None

    @property
    def failed_assertions(self) -> list[Assertion]:
        return [assertion for assertion in self.assertions if not assertion.passed]

    @property
    def result(self) -> RunResult:
        if self.error or self.script_errors:
            return RunResult.ERROR
        return RunResult.FAILURE if self.failed_assertions else RunResult.SUCCESSFUL


@dataclass
class ConsoleEntry:
    """A line of the run's console.

    `level` is one of JavaScript's console, `stage`, or `failed` for a test, script or request that failed.
    """

    level: str
    text: str
    item_name: str = ""
    at_ms: int = 0
    """Since the start of the run."""


@dataclass
class Totals:
    """Sums over the executions that count: of a request that was tried again only the last attempt does.

    `requests` is the exception: it counts all that were sent, for usage.
    """

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
    collection_name: str
    result: RunResult = RunResult.SUCCESSFUL
    executions: list[Execution] = field(default_factory=list)
    console: list[ConsoleEntry] = field(default_factory=list)
    error: str | None = None
    """What ended the run before its time: the five minutes, or a sandbox that was lost."""
    duration_ms: int = 0

    @property
    def counted(self) -> list[Execution]:
        return [execution for execution in self.executions if not execution.retried]

    @property
    def totals(self) -> Totals:
        counted = self.counted
        sent = [sent for execution in counted for sent in execution.sent]
        assertions = [assertion for execution in counted for assertion in execution.assertions]
        answers = [sent.response for sent in sent if sent.response]
        total_ms = sum(answer.time_ms for answer in answers)
        return Totals(
            requests=sum(sent.count for execution in self.executions for sent in execution.sent),
            failed_requests=sum(sent.error is not None for sent in sent),
            assertions=len(assertions),
            failed_assertions=sum(not assertion.passed for assertion in assertions),
            skipped_assertions=sum(assertion.skipped for assertion in assertions),
            script_errors=sum(len(execution.script_errors) for execution in counted),
            response_bytes=sum(answer.size_bytes for answer in answers),
            average_response_ms=round(total_ms / len(answers)) if answers else 0,
            total_response_ms=total_ms,
        )
