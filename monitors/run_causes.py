"""Why a run failed, in a few lines: equal failures together, missing variables once, what was not sent."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from monitors.models.runs import Result
from monitors.request_results import RequestResult, RunDocument

MISSING = re.compile(r"(?:\{\{|%7B%7B)([^{}%\s$][^{}%\s]{0,254})(?:\}\}|%7D%7D)", re.IGNORECASE)
"""A reference to a variable that was sent as it stands, because nothing defines the variable."""
MAX_CAUSES = 20


@dataclass
class Cause:
    """Requests that failed alike."""

    kind: Literal["failed", "error"]
    text: str
    requests: list[RequestResult] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [request.name for request in self.requests]


@dataclass
class MissingVariable:
    """A variable that has no value, with the requests that need it."""

    name: str
    requests: list[RequestResult] = field(default_factory=list)


@dataclass
class Unsent:
    """Requests that were not sent, one after the other."""

    after: RequestResult | None
    """The request before them, whose scripts ended the run or went on elsewhere; None for the beginning."""
    requests: list[RequestResult] = field(default_factory=list)
    is_end: bool = False
    """Whether the run ended here."""

    @property
    def names(self) -> list[str]:
        return [request.name for request in self.requests]


def causes_of(document: RunDocument) -> list[Cause]:
    """The failures of a run, those of most requests first. Those of missing variables are not among them."""
    found: dict[tuple[str, str], Cause] = {}
    for request in document.counted:
        if not request.passed and not (request.error_message and missing_names(request)):
            kind, text = cause_of(request)
            found.setdefault((kind, text), Cause(kind, text)).requests.append(request)
    return sorted(found.values(), key=lambda cause: -len(cause.requests))


def cause_of(request: RequestResult) -> tuple[Literal["failed", "error"], str]:
    """What went wrong with a request that failed: errors before tests, as in the result of a run."""
    if request.error_message:
        return "error", request.error_message
    if request.script_errors:
        return "error", request.script_error_texts[0]
    failed = request.failed_assertions
    if request.status_code and request.status_code >= 400:
        tests = "1 test failed" if len(failed) == 1 else f"{len(failed)} tests failed"
        return "failed", f"answered {request.status_code}: {tests}"
    if len(failed) == 1:
        return "failed", f"{failed[0].name}: {failed[0].error}"
    return "failed", f"{len(failed)} tests failed, first {failed[0].name}"


def missing_names(request: RequestResult) -> list[str]:
    """The names of the variables in the URL of a request that nothing defined."""
    return list(dict.fromkeys(MISSING.findall(request.url)))


def missing_variables(document: RunDocument) -> list[MissingVariable]:
    """The variables that failed requests needed and nothing defined."""
    found: dict[str, MissingVariable] = {}
    for request in document.counted:
        if not request.passed:
            for name in missing_names(request):
                found.setdefault(name, MissingVariable(name)).requests.append(request)
    return list(found.values())


def unsent_requests(requests: Iterable[RequestResult]) -> list[Unsent]:
    """The requests that were not sent, in groups that stand together."""
    groups: list[Unsent] = []
    before: RequestResult | None = None
    open_group = False
    for request in requests:
        if request.is_sent:
            before, open_group = request, False
            continue
        if not open_group:
            groups.append(Unsent(before))
            open_group = True
        groups[-1].requests.append(request)
    if open_group:
        groups[-1].is_end = True
    return groups


def by_count(names: Iterable[str]) -> list[str]:
    """Each name once, with how often it stands there."""
    counts: dict[str, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    return [name if count == 1 else f"{name} (×{count})" for name, count in counts.items()]


def deciding_request(document: RunDocument, result: str) -> RequestResult | None:
    """The first request whose failure made the result; None where nothing failed or a limit ended the run."""
    wanted = {Result.ERROR: "error", Result.FAILURE: "failed"}.get(Result(result)) if result else None
    return next((request for request in document.counted if request.outcome == wanted), None)


def first_problem(request: RequestResult) -> str:
    """The error or the test that failed first."""
    if request.error_message:
        missing = missing_names(request)
        return f"{missing[0]} has no value" if missing else request.error_message
    if request.script_errors:
        return request.script_error_texts[0]
    test = request.failed_assertions[0]
    return f"{test.name}: {test.error}"
