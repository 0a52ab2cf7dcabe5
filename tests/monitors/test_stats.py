"""Ranges, spans and what is read for them."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from monitors import rollups
from monitors.models import Monitor, Outage, RegionStatus, Result, RollUp, Run
from monitors.models.outages import EndedBecause
from monitors.models.rollups import KEPT_BY_HOUR
from monitors.rollups import CountedRequest
from monitors.stats import monitor_stats, uptime
from monitors.stats.ranges import BUCKETS, NAMED, TimeRange, named_range, range_between
from monitors.stats.requests import request_figures, request_series
from monitors.stats.spans import Span, clipped, total, union, without
from monitors.stats.uptime import watches_of
from tests.factories import make_monitor, make_run
from workspaces.models import Workspace

NOON = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def span(start: int, end: int) -> Span:
    return Span(NOON + start * MINUTE, NOON + end * MINUTE)


def minutes(spans: list[Span]) -> set[int]:
    return {
        minute for one in spans for minute in range((one.start - NOON) // MINUTE, (one.end - NOON) // MINUTE)
    }


@pytest.mark.parametrize("seed", range(30))
def test_spans_are_sets_of_moments(seed: int) -> None:
    chance = random.Random(seed)

    def some() -> list[Span]:
        starts = [chance.randint(0, 90) for _ in range(chance.randint(0, 8))]
        return [span(start, start + chance.randint(1, 20)) for start in starts]

    first, second = some(), some()
    assert minutes(union(first)) == minutes(first)
    assert minutes(without(first, second)) == minutes(first) - minutes(second)
    assert total(first) == len(minutes(first)) * MINUTE
    part = span(10, 50)
    assert minutes(clipped(first, *part)) == minutes(first) & minutes([part])
    joined = union(first)
    assert all(one.end < other.start for one, other in zip(joined, joined[1:], strict=False))


@pytest.mark.parametrize(
    ("name", "bucket", "count"),
    [
        ("1h", MINUTE, 61),
        ("24h", 10 * MINUTE, 145),
        ("7d", HOUR, 169),
        ("30d", 6 * HOUR, 121),
        ("90d", DAY, 91),
        ("13mo", 3 * DAY, 133),
    ],
)
def test_a_range_has_buckets_that_fit_it(name: str, bucket: timedelta, count: int) -> None:
    chosen = named_range(name, NOON + timedelta(seconds=7))
    assert (chosen.bucket, len(chosen.buckets)) == (bucket, count)
    assert chosen.since <= NOON - NAMED[name] + timedelta(seconds=7)
    assert chosen.until >= NOON


def test_long_ago_no_bucket_is_shorter_than_an_hour() -> None:
    then = NOON - KEPT_BY_HOUR
    assert range_between(then, then + HOUR, NOON).bucket == HOUR


def test_a_span_of_any_length_has_a_bucket() -> None:
    for hours in (0.01, 1, 7, 30, 200, 1000, 10_000, 18_000):
        chosen = range_between(NOON - hours * HOUR, NOON, NOON)
        assert chosen.bucket in BUCKETS
        assert len(chosen.buckets) <= 202


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, regions=["eu"])


def run_at(monitor: Monitor, time: datetime, result: str = Result.SUCCESSFUL) -> Run:
    return make_run(monitor, result, started_at=time, finished_at=time, response_time_ms=100)


def counts(monitor: Monitor, chosen: TimeRange) -> tuple[timedelta, list[int]]:
    stats = monitor_stats(monitor, chosen, NOON)
    (region,) = stats.regions
    return stats.range.bucket, [figures.runs for figures in region.buckets if figures.runs]


def test_an_hour_is_counted_from_its_runs(monitor: Monitor) -> None:
    for minute in (1, 1, 2, 30):
        run_at(monitor, NOON - minute * MINUTE)
    assert counts(monitor, named_range("1h", NOON)) == (MINUTE, [1, 1, 2])


def test_a_canceled_run_is_not_counted(monitor: Monitor) -> None:
    run_at(monitor, NOON - 5 * MINUTE)
    canceled = run_at(monitor, NOON - 4 * MINUTE)
    RollUp.objects.all().delete()
    rollups.count_run(Run.objects.exclude(pk=canceled.pk).get())
    Run.objects.filter(pk=canceled.pk).update(result=Result.CANCELED)
    RollUp.objects.update(last_run_id=canceled.pk)
    assert counts(monitor, named_range("1h", NOON)) == (MINUTE, [1])


def test_an_hour_whose_runs_are_deleted_has_the_figures_of_roll_ups(monitor: Monitor) -> None:
    for minute in (1, 1, 2, 30):
        run_at(monitor, NOON - minute * MINUTE)
    Run.objects.order_by("pk")[:1].get().delete()
    assert counts(monitor, named_range("1h", NOON)) == (10 * MINUTE, [1, 3])


def test_an_hour_with_a_canceled_run_is_counted_from_its_runs(monitor: Monitor) -> None:
    run_at(monitor, NOON - 30 * MINUTE)
    [canceled] = monitor.run_now()
    canceled.cancel(by="Ann")
    Run.objects.filter(pk=canceled.pk).update(finished_at=NOON - 20 * MINUTE)
    run_at(monitor, NOON - 10 * MINUTE)
    assert counts(monitor, named_range("1h", NOON)) == (MINUTE, [1, 1])


def test_an_hour_with_too_many_runs_has_the_figures_of_roll_ups(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.stats.series.MAX_RUNS", 3)
    for minute in (1, 1, 2, 30):
        run_at(monitor, NOON - minute * MINUTE)
    assert counts(monitor, named_range("1h", NOON)) == (10 * MINUTE, [1, 3])


def test_days_outlive_their_hours(monitor: Monitor) -> None:
    for hours in (30, 29, 2):
        run_at(monitor, NOON - hours * HOUR)
    RollUp.objects.filter(period="hour", is_open=False).delete()
    assert counts(monitor, named_range("7d", NOON)) == (HOUR, [1, 1, 1])
    assert counts(monitor, named_range("90d", NOON)) == (DAY, [2, 1])


def test_requests_of_a_short_range_long_ago_are_counted_by_day(monitor: Monitor) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    for days in (60, 59, 1):
        run = run_at(monitor, noon - days * DAY)
        RollUp.objects.filter(start__lte=run.finished_at, is_open=True).delete()
        rollups.count_run(run, [CountedRequest("", "List", True, 50)])
    RollUp.objects.filter(period="hour", is_open=False).delete()
    chosen = range_between(noon - 60.5 * DAY, noon - 58.5 * DAY, noon)
    [(name, figures)] = request_figures(monitor, chosen)
    assert figures.sent == 2
    shown, series = request_series(monitor, name.key, chosen)
    assert (shown.bucket, [one.runs for one in series["eu"]]) == (DAY, [1, 1])


def test_requests_are_counted_by_hour_or_by_day(monitor: Monitor) -> None:
    for hours in (30, 29, 2):
        run = run_at(monitor, NOON - hours * HOUR)
        RollUp.objects.filter(start__lte=run.finished_at, is_open=True).delete()
        rollups.count_run(run, [CountedRequest("", "List", True, 50), CountedRequest("", "Order", False, 9)])
    week, month = named_range("7d", NOON), named_range("30d", NOON)
    for chosen in (week, month):
        found = {
            str(name): (figures.sent, figures.failed) for name, figures in request_figures(monitor, chosen)
        }
        assert found == {"List": (3, 0), "Order": (3, 3)}
    (key,) = (name.key for name, _ in request_figures(monitor, week) if name.name == "Order")
    for chosen, bucket in ((week, HOUR), (month, DAY)):
        shown, series = request_series(monitor, key, chosen)
        assert shown.bucket == bucket
        assert sum(figures.failures for figures in series["eu"]) == 3


def test_what_was_not_read_of_many_outages_is_not_watched(
    monitor: Monitor, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uptime, "MAX_ROWS", 4)
    monkeypatch.setattr(uptime, "MIN_ROWS", 2)
    other = make_monitor(workspace, "Steady")
    Monitor.objects.update(created_at=NOON - DAY)
    RegionStatus.objects.update(added_at=NOON - DAY, since=NOON + DAY, late_at=NOON + 2 * DAY)
    add_outages(monitor, *[span(10 * number, 10 * number + 5) for number in range(3)])
    add_outages(other, span(1, 7))
    found = watches_of([monitor, other], NOON, NOON + HOUR, NOON + HOUR)
    assert (found[other.pk].down_time, found[other.pk].watched_time) == (6 * MINUTE, 60 * MINUTE)
    assert (found[monitor.pk].down_time, found[monitor.pk].watched_time) == (10 * MINUTE, 50 * MINUTE)


def add_outages(monitor: Monitor, *spans: Span) -> None:
    for start, end in spans:
        Outage.objects.create(
            workspace=monitor.workspace,
            monitor=monitor,
            monitor_name=monitor.name,
            started_at=start,
            ended_at=end,
            ended_because=EndedBecause.RECOVERED,
        )
