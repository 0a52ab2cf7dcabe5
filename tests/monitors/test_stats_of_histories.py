"""Uptime, percentiles, outages and series agree with a slow count of what happened, whatever happened."""

from datetime import UTC, datetime, timedelta

import pytest

from monitors.figures import Figures
from monitors.models import Monitor
from monitors.stats import RegionStats, monitor_stats
from monitors.stats.ranges import NAMED, TimeRange, named_range, range_between
from tests.factories import make_monitor
from tests.monitors.history import History, exact_percentile
from workspaces.models import Workspace

START = datetime(2030, 3, 29, 21, 30, tzinfo=UTC)
"""Two days before Europe's clocks go forward."""


@pytest.fixture(params=range(8))
def history(workspace: Workspace, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setattr("django.utils.timezone.now", lambda: START)
    monitor = make_monitor(workspace, cron="*/5 * * * *", timezone="Europe/Berlin", regions=["eu", "us"])
    Monitor.objects.filter(pk=monitor.pk).update(created_at=START)
    monitor.refresh_from_db()
    history = History(monitor, request.param, START, monkeypatch)
    history.live(steps=180)
    return history


def some_ranges(history: History) -> list[TimeRange]:
    """The named ones, and some between two times."""
    chance, now = history.chance, history.now
    ranges = [named_range(name, now) for name in NAMED]
    for longest in (3, 20, 60, 200):
        since = START + timedelta(seconds=chance.randint(0, 5 * 86_400))
        ranges.append(range_between(since, since + timedelta(hours=chance.uniform(0.2, longest)), now))
    return ranges


def test_stats_agree_with_a_slow_count(history: History) -> None:
    monitor = Monitor.objects.get(pk=history.monitor.pk)
    for chosen in some_ranges(history):
        stats = monitor_stats(monitor, chosen, history.now)
        assert stats.range == chosen
        watched, down = history.watched_and_down(chosen.since, chosen.until)
        assert stats.watch.watched_time == timedelta(seconds=watched)
        assert stats.watch.down_time == timedelta(seconds=down)
        assert stats.watch.uptime == (pytest.approx(1 - down / watched) if watched else None)
        assert [outage.started_at for outage in stats.watch.outages] == sorted(
            started
            for started, ended in history.outages
            if started < chosen.until and (ended or history.now) >= chosen.since
        )
        for region in history.regions:
            expect_series(history, stats.range, region, {each.region: each for each in stats.regions})


def expect_series(history: History, chosen: TimeRange, region: str, found: dict[str, RegionStats]) -> None:
    runs, failures, good = history.figures(region, chosen.since, chosen.until)
    if not runs:
        assert region not in found
        return
    stats = found[region]
    assert (stats.figures.runs, stats.figures.failures) == (runs, failures)
    expect_percentiles(stats.figures, good)
    for span, figures in zip(chosen.buckets, stats.buckets, strict=True):
        runs, failures, good = history.figures(region, *span)
        assert (figures.runs, figures.failures) == (runs, failures)
        expect_percentiles(figures, good)


def expect_percentiles(figures: Figures, good: list[int]) -> None:
    for percent in (50, 95):
        exact = exact_percentile(good, percent)
        found_ms = figures.histogram.percentile(percent)
        assert (found_ms is None) == (exact is None)
        assert abs((found_ms or 0) - (exact or 0)) <= 0.05 * (exact or 0)
