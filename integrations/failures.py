"""What failed in a run, by cause: requests that failed alike are listed together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from integrations.texts import join_names, one_line
from monitors.models import Run
from monitors.request_results import RequestResult

MAX_CAUSE = 300
MAX_NAME = 80
MAX_NAMES = 5
"""How many requests of one cause are named."""


@dataclass
class Failure:
    """One cause, with the requests that failed because of it."""

    cause: str
    requests: list[str] = field(default_factory=list)
    """The names of the requests, in the order of the run."""

    @property
    def names(self) -> str:
        return join_names(self.requests, MAX_NAMES)


def failures_of(run: Run) -> list[Failure]:
    """The failures of a run. Those of most requests come first, then the order of the run counts."""
    found: dict[str, Failure] = {}
    for result in run.counted_results:
        for cause in dict.fromkeys(one_line(text, MAX_CAUSE) for text in causes_of(result)):
            found.setdefault(cause, Failure(cause)).requests.append(name_of(result))
    return sorted(found.values(), key=lambda failure: -len(failure.requests))


def causes_of(result: RequestResult) -> Iterable[str]:
    """Why a request failed: its error, the errors of its scripts, its failed tests."""
    if result.error_message:
        yield result.error_message
    yield from result.script_error_texts
    for test in result.failed_assertions:
        yield f"{test.name}: {test.error}" if test.error else test.name


def name_of(result: RequestResult) -> str:
    """The name of a request with the status code of its response, if there was one."""
    name = one_line(result.name, MAX_NAME)
    return f"{name} ({result.status_code})" if result.status_code else name
