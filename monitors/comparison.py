"""Compares a run with another run of the same monitor: status, times, headers and bodies of each request."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from monitors.json_lines import Line, differences
from monitors.models import Exchange, Run
from monitors.models.runs import Result, RunStatus
from monitors.request_results import RequestResult
from monitors.runner.captures import KeptExchange, KeptMessage

MAX_RUNS_SEARCHED = 2000
"""How many runs back a good one is looked for."""


@dataclass(frozen=True)
class ComparedHeader:
    """A header field of the run, or one that only the other run has."""

    name: str
    value: str
    change: Literal["", "new", "changed", "gone"] = ""
    other: str = ""
    """The value in the other run, where it differs."""


def good_run_before(run: Run) -> Run | None:
    """The good run to compare with: the one whose exchanges are kept, else the last one before this run."""
    runs = Run.objects.filter(monitor=run.monitor_id, region=run.region, pk__lt=run.pk)
    kept = Exchange.objects.good(run.monitor, run.region).filter(run__lt=run.pk).values("run")[:1]
    good = runs.filter(pk__in=kept).first()
    recent = runs.order_by("-id").values("pk")[:MAX_RUNS_SEARCHED]
    return good or runs.filter(pk__in=recent, result=Result.SUCCESSFUL).order_by("-id").first()


def run_to_compare(run: Run, wanted: str) -> Run | None:
    """The run that is meant by its number, or by `good`; None when there is no such run."""
    if wanted == "good":
        return good_run_before(run)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 10):
        return None
    finished = Run.objects.filter(monitor=run.monitor_id, status=RunStatus.FINISHED).exclude(pk=run.pk)
    return finished.filter(number=int(wanted)).first()


def matching(requests: list[RequestResult], others: list[RequestResult]) -> dict[int, RequestResult]:
    """The request of the other run for each position of this run: the one of the same name, in order."""
    waiting: dict[tuple[str, str], list[RequestResult]] = defaultdict(list)
    for other in reversed(others):
        if other.counts:
            waiting[other.folder, other.name].append(other)
    return {
        request.position: found.pop()
        for request in requests
        if (request.counts or not request.is_sent) and (found := waiting[request.folder, request.name])
    }


def exchange_of(run: Run, position: int) -> KeptExchange | None:
    """The exchange that is kept of a request. Raises SecretUnreadable."""
    stored = Exchange.objects.filter(run=run, position=position).first()
    return stored.content if stored else None


def compared_headers(message: KeptMessage, other: KeptMessage | None) -> list[ComparedHeader]:
    """The header fields with what differs. Fields of one name are compared together."""
    if other is None:
        return [ComparedHeader(name, value) for name, value in message.headers]
    own_values, other_values = _values_by_name(message), _values_by_name(other)
    compared = [_compared(name, value, other_values.get(name.lower())) for name, value in message.headers]
    gone = [
        ComparedHeader(name, "", "gone", value)
        for name, value in other.headers
        if name.lower() not in own_values
    ]
    return [*compared, *gone]


def _values_by_name(message: KeptMessage) -> dict[str, dict[str, None]]:
    """The different values of each name, in order."""
    values: dict[str, dict[str, None]] = defaultdict(dict)
    for name, value in message.headers:
        values[name.lower()][value] = None
    return values


def _compared(name: str, value: str, others: dict[str, None] | None) -> ComparedHeader:
    if others is None:
        return ComparedHeader(name, value, "new")
    if value in others:
        return ComparedHeader(name, value)
    return ComparedHeader(name, value, "changed", next(iter(others)))


def compared_bodies(message: KeptMessage | None, other: KeptMessage | None) -> list[Line]:
    """The lines of both bodies; empty where one of them is no text."""
    if not message or not other or message.body.is_binary or other.body.is_binary:
        return []
    return differences(other.body.text, message.body.text)


@dataclass(frozen=True)
class ComparedRequest:
    """One request in both runs. Headers and bodies are empty unless exchanges of both are kept."""

    request: RequestResult
    other: RequestResult | None
    headers: list[ComparedHeader]
    body: list[Line]


def compared(run: Run, other: Run, with_exchanges: bool) -> list[ComparedRequest]:
    """The requests of a run beside those of another one. Raises SecretUnreadable."""
    others = matching(run.detail.requests, other.detail.requests)
    responses = _responses_of(run) if with_exchanges else {}
    other_responses = _responses_of(other) if with_exchanges else {}
    return [
        _compared_request(
            request,
            others.get(request.position),
            responses.get(request.position),
            other_responses.get(others[request.position].position) if request.position in others else None,
        )
        for request in run.detail.requests
    ]


def _responses_of(run: Run) -> dict[int, KeptMessage]:
    kept = {stored.position: stored.content.response for stored in Exchange.objects.filter(run=run)}
    return {position: response for position, response in kept.items() if response}


def _compared_request(
    request: RequestResult, other: RequestResult | None, own: KeptMessage | None, others: KeptMessage | None
) -> ComparedRequest:
    if own is None or others is None:
        return ComparedRequest(request, other, [], [])
    return ComparedRequest(request, other, compared_headers(own, others), compared_bodies(own, others))
