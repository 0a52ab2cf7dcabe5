"""When a monitor was not watched: late, paused, or skipped by maintenance."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from monitors.models import Gap, Monitor, Result, Run
from monitors.models.gaps import GapReason
from monitors.models.maintenance import Mode
from monitors.models.runs import RunStatus
from monitors.scheduling import schedule_due
from tests.factories import make_monitor, make_window
from workspaces.models import Workspace

NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    """The time of the test, which goes on as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def run(self, minutes: int, *, executed: bool = True) -> None:
        """Schedules each minute. Runs take no time, or wait for a worker that is not there."""
        for _ in range(minutes):
            self.now += MINUTE
            schedule_due()
            if executed:
                execute_waiting(self.now)


def execute_waiting(now: datetime) -> None:
    for run in Run.objects.waiting().order_by("pk"):
        run.claim(now)
        run.finish(RunStatus.FINISHED, result=Result.SUCCESSFUL, finished_at=now)
        Monitor.objects.get(pk=run.monitor_id).record_run(run)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def monitor(workspace: Workspace, clock: Clock) -> Monitor:
    """Each minute, and it has run since noon."""
    monitor = make_monitor(workspace, cron="* * * * *")
    clock.run(5)
    return monitor


def gaps() -> list[tuple[str, str, int, int]]:
    """Reason, region, and minutes after noon."""
    return [
        (gap.reason, gap.region, (gap.started_at - NOON) // MINUTE, (gap.ended_at - NOON) // MINUTE)
        for gap in Gap.objects.order_by("started_at", "pk")
    ]


def test_a_monitor_that_runs_in_time_has_no_gap(monitor: Monitor, clock: Clock) -> None:
    clock.run(10)
    assert gaps() == []


def test_the_first_run_after_a_late_span_stores_it(monitor: Monitor, clock: Clock) -> None:
    clock.run(10, executed=False)
    assert gaps() == []
    clock.run(1)
    assert gaps() == [(GapReason.LATE, "default", 7, 16)]


def test_a_pause_is_a_gap_of_all_regions(monitor: Monitor, clock: Clock) -> None:
    monitor.pause()
    clock.run(60)
    Monitor.objects.get().resume()
    clock.run(5)
    assert gaps() == [(GapReason.PAUSED, "", 5, 65)]


def test_a_monitor_that_is_paused_while_late_was_late_until_then(monitor: Monitor, clock: Clock) -> None:
    clock.run(10, executed=False)
    monitor.refresh_from_db()
    monitor.pause()
    clock.run(10, executed=False)
    Monitor.objects.get().resume()
    assert gaps() == [(GapReason.LATE, "default", 7, 15), (GapReason.PAUSED, "", 15, 25)]


def test_skipped_runs_are_a_gap_until_the_next_run(monitor: Monitor, clock: Clock) -> None:
    window = make_window(monitor.workspace, monitor, mode=Mode.SKIP, minutes_ago=0)
    window.ends_at = clock.now + 30 * MINUTE
    window.save()
    clock.run(40)
    assert gaps() == [(GapReason.SKIPPED, "default", 6, 35)]


def test_a_window_that_mutes_makes_no_gap(monitor: Monitor, clock: Clock) -> None:
    make_window(monitor.workspace, monitor, mode=Mode.MUTE, minutes_ago=0)
    clock.run(10)
    assert gaps() == []


def test_a_region_that_is_late_when_its_monitor_is_skipped_was_late_before(
    monitor: Monitor, clock: Clock
) -> None:
    clock.run(5, executed=False)
    make_window(monitor.workspace, monitor, mode=Mode.SKIP, minutes_ago=0)
    clock.run(5, executed=False)
    Run.objects.waiting().delete()
    clock.run(1)
    assert (GapReason.LATE, "default", 7, 11) in gaps()


def test_a_region_that_is_taken_away_while_it_is_late_leaves_its_gap(
    workspace: Workspace, monitor: Monitor, clock: Clock
) -> None:
    clock.run(10, executed=False)
    monitor.refresh_from_db()
    monitor.regions = ["us"]
    monitor.save()
    assert gaps() == [(GapReason.LATE, "default", 7, 15)]


def test_a_new_schedule_leaves_the_gap_before_it(monitor: Monitor, clock: Clock) -> None:
    clock.run(10, executed=False)
    monitor.refresh_from_db()
    monitor.reschedule()
    clock.run(1, executed=False)
    assert gaps() == [(GapReason.LATE, "default", 7, 15)]


def test_a_manual_run_of_a_paused_monitor_makes_it_no_gap(monitor: Monitor, clock: Clock) -> None:
    monitor.pause()
    clock.run(10)
    monitor.run_now()
    execute_waiting(clock.now)
    assert gaps() == []


def test_a_clock_that_is_set_back_while_paused_stores_no_gap_that_ends_before_it_begins(
    monitor: Monitor, clock: Clock
) -> None:
    monitor.pause()
    clock.now -= 60 * MINUTE
    Monitor.objects.get().resume()
    assert gaps() == []
