"""What failed in a run, by cause: requests that failed alike are told of together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from integrations.texts import join_names, one_line
from monitors.models import RequestResult, Run

MAX_CAUSE = 300
MAX_NAME = 80
MAX_NAMES = 5
"""Requests that are named of each cause."""


@dataclass
class Failure:
    cause: str
    requests: list[str] = field(default_factory=list)
    """The name of each request that failed so."""

    @property
    def names(self) -> str:
        return join_names(self.requests, MAX_NAMES)


def failures_of(run: Run) -> list[Failure]:
    """Those that concern most requests first, else in the order of the run."""
    found: dict[str, Failure] = {}
    for result in run.counted_results:
        for cause in dict.fromkeys(one_line(text, MAX_CAUSE) for text in causes_of(result)):
            found.setdefault(cause, Failure(cause)).requests.append(name_of(result))
    return sorted(found.values(), key=lambda failure: -len(failure.requests))


def causes_of(result: RequestResult) -> Iterable[str]:
    if result.error_message:
        yield result.error_message
    yield from result.script_error_texts
    for test in result.failed_assertions:
        yield f"{test['name']}: {test['error']}" if test["error"] else str(test["name"])


def name_of(result: RequestResult) -> str:
    name = one_line(result.name, MAX_NAME)
    return f"{name} ({result.status_code})" if result.status_code else name
