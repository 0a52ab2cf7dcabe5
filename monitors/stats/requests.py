"""Figures of single requests of a collection."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from monitors.figures import Figures, RequestFigures
from monitors.figures.tallies import GOOD, read_requests
from monitors.models import Monitor, RequestName
from monitors.models.rollups import KEPT_BY_HOUR, Period, RollUp
from monitors.stats.ranges import DAY, HOUR, TimeRange
from monitors.stats.series import Collected, Series

MAX_DURATION_BY_HOUR = 8 * DAY
"""Longer ranges have buckets of days, and so have those of which no hours are kept."""


def request_figures(monitor: Monitor, chosen: TimeRange) -> list[tuple[RequestName, RequestFigures]]:
    """The figures of each request in a range, in whole hours or days; the slowest first."""
    sums: dict[int, RequestFigures] = {}
    for _, _, requests in _parts(monitor, with_known_buckets(chosen)):
        for key, figures in requests.items():
            sums.setdefault(key, RequestFigures()).merge(figures)
    names = RequestName.objects.of(monitor, sums.keys())
    found = [(names[key], figures) for key, figures in sums.items() if key in names]
    return sorted(found, key=lambda each: -(each[1].histogram.p95 or 0))


def request_series(monitor: Monitor, key: int, chosen: TimeRange) -> tuple[TimeRange, Series]:
    """The figures of one request in the buckets of a range, which have an hour or a day at least."""
    chosen = with_known_buckets(chosen)
    series = Collected(chosen)
    for region, start, requests in _parts(monitor, chosen):
        collected = series.at(region, start)
        if collected is not None and key in requests:
            collected.merge(_as_runs(requests[key]))
    return chosen, series.by_region


def with_known_buckets(chosen: TimeRange) -> TimeRange:
    """The range in buckets of which the figures of requests are known."""
    has_hours = chosen.since >= timezone.now() - KEPT_BY_HOUR
    shortest = HOUR if has_hours and chosen.duration <= MAX_DURATION_BY_HOUR else DAY
    return chosen.with_buckets(max(chosen.bucket, shortest))


def _parts(monitor: Monitor, chosen: TimeRange) -> Iterator[tuple[str, datetime, dict[int, RequestFigures]]]:
    of_monitor = RollUp.objects.filter(monitor=monitor).order_by().defer("histogram", "slots")
    if chosen.bucket < DAY:
        found = [*of_monitor.between(Period.HOUR, chosen.since, chosen.until)]
    else:
        days = of_monitor.between(Period.DAY, chosen.since, chosen.until)
        open_hours = of_monitor.filter(is_open=True, start__gte=chosen.since, start__lt=chosen.until)
        found = [*days, *open_hours]
    for row in found:
        yield row.region, row.start, read_requests(row.requests)


def _as_runs(request: RequestFigures) -> Figures:
    """The figures of a request, in the form of those of runs."""
    results = {GOOD: request.sent - request.failed, "failure": request.failed}
    return Figures(
        {result: count for result, count in results.items() if count},
        request.response_time_sum,
        request.histogram,
    )
