"""What a run found out, as code reads it: its requests with their tests, and its console."""

from dataclasses import dataclass, field
from typing import Literal

from monitors.runner.report import Phases

Outcome = Literal["passed", "failed", "error", "unsent"]


@dataclass
class TestResult:
    """One test of a request. `error` is empty unless it failed."""

    __test__ = False  # It is no test of pytest's.

    name: str
    passed: bool = True
    skipped: bool = False
    error: str = ""

    @property
    def failed(self) -> bool:
        return not self.passed and not self.skipped


@dataclass
class ScriptError:
    """An error that a script did not catch. `listen` is `prerequest` or `test`."""

    listen: str
    name: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """As JavaScript prints it."""
        return f"{self.name}: {self.message}"


@dataclass
class SentRequestResult:
    """What came of one request that was sent."""

    name: str = ""
    method: str = ""
    url: str = ""
    status_code: int | None = None
    status_text: str = ""
    response_time_ms: int | None = None
    response_size: int | None = None
    start_ms: int = 0
    """Milliseconds since the start of the run."""
    elapsed_ms: int = 0
    """Until the response or the error, with all challenges and redirects on the way."""
    phases: Phases | None = None
    error_code: str = ""
    error_message: str = ""


@dataclass
class RequestResult(SentRequestResult):
    """One execution of a request of the collection, or a request that the run did not send."""

    position: int = 0
    """Where it stands in the run, counted from 0."""
    folder: str = ""
    """The folders above it, joined by /."""
    attempt: int = 1
    counts: bool = True
    """False for an attempt that was repeated, and for a request that was not sent."""
    is_sent: bool = True
    """False where the run ended before, or where a script skipped the request."""
    assertions: list[TestResult] = field(default_factory=list)
    script_errors: list[ScriptError] = field(default_factory=list)
    script_requests: list[SentRequestResult] = field(default_factory=list)
    """What its scripts sent. Those of `pm.execution.runRequest` have a name."""

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def failed_assertions(self) -> list[TestResult]:
        return [test for test in self.assertions if test.failed]

    @property
    def script_error_texts(self) -> list[str]:
        return list(map(str, self.script_errors))

    @property
    def passed(self) -> bool:
        return not (self.error_message or self.script_errors or self.failed_assertions)

    @property
    def outcome(self) -> Outcome:
        if not self.is_sent:
            return "unsent"
        if self.error_message or self.script_errors:
            return "error"
        return "failed" if self.failed_assertions else "passed"


@dataclass
class ConsoleLine:
    """One line of a run's console."""

    at_ms: int
    """Milliseconds since the start of the run."""
    level: str
    text: str
    position: int | None = None
    """The position of the request that it belongs to; None for a line of the whole run."""


@dataclass
class RunDocument:
    """All that the detail of a run holds."""

    requests: list[RequestResult] = field(default_factory=list)
    console: list[ConsoleLine] = field(default_factory=list)

    @property
    def counted(self) -> list[RequestResult]:
        """Its requests in order. Of a request that was repeated, only the last attempt is among them."""
        return [request for request in self.requests if request.counts]
