"""The machine's clock is set back or forward: monitors neither stop nor run in a burst."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from monitors import cron
from monitors.models import Monitor, RegionStatus, Result, Run
from monitors.models.runs import RunStatus
from monitors.scheduling import recover_runs, schedule_due
from tests.factories import make_monitor, make_running_run, make_window
from workspaces.models import Workspace

Callbacks = Callable[..., AbstractContextManager[list[object]]]
NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
TWO_HOURS = timedelta(hours=2)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def run_scheduler(self, minutes: int) -> int:
        """Each second's work, ten seconds apart; runs end at once. The number of runs."""
        before = Run.objects.count()
        for _ in range(minutes * 6):
            schedule_due()
            recover_runs()
            for run in Run.objects.waiting():
                run.claim(self.now)
                run.finish(RunStatus.FINISHED, result=Result.SUCCESSFUL, finished_at=self.now)
                run.monitor.record_run(run)
            self.now += timedelta(seconds=10)
        return Run.objects.count() - before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def monitor(workspace: Workspace, clock: Clock) -> Monitor:
    return make_monitor(workspace, cron="* * * * *")


def test_set_back_by_two_hours_monitors_run_on_each_minute(monitor: Monitor, clock: Clock) -> None:
    assert clock.run_scheduler(minutes=5) == 4
    clock.now -= TWO_HOURS
    assert clock.run_scheduler(minutes=5) in (4, 5)


def test_set_back_into_times_that_were_run_already_they_are_run_again(monitor: Monitor, clock: Clock) -> None:
    clock.run_scheduler(minutes=10)
    clock.now -= timedelta(minutes=8)
    assert clock.run_scheduler(minutes=6) in (5, 6)


def test_set_back_by_two_hours_an_hourly_monitor_does_not_wait_for_the_clock_to_catch_up(
    workspace: Workspace, clock: Clock
) -> None:
    monitor = make_monitor(workspace, cron="0 * * * *")
    clock.now -= TWO_HOURS
    schedule_due()
    monitor.refresh_from_db()
    assert monitor.next_run_at == NOON - timedelta(hours=1)


def test_set_forward_by_two_hours_each_monitor_runs_once_for_what_it_missed(
    monitor: Monitor, clock: Clock
) -> None:
    clock.run_scheduler(minutes=5)
    clock.now += TWO_HOURS
    assert clock.run_scheduler(minutes=5) in (5, 6)


def test_forward_and_back_again_it_goes_on_as_before(monitor: Monitor, clock: Clock) -> None:
    clock.now += TWO_HOURS
    clock.run_scheduler(minutes=2)
    clock.now -= TWO_HOURS
    assert clock.run_scheduler(minutes=5) in (4, 5)


def test_set_back_a_dead_region_is_late_after_its_usual_time(monitor: Monitor, clock: Clock) -> None:
    clock.run_scheduler(minutes=2)
    clock.now -= TWO_HOURS
    schedule_due()
    clock.now += timedelta(minutes=3)
    assert [late.region for late in Monitor.objects.get().late_regions] == ["default"]


def test_a_run_whose_worker_died_before_the_clock_was_set_back_is_recovered_soon(
    monitor: Monitor, clock: Clock
) -> None:
    run = make_running_run(monitor, leased_until=clock.now + timedelta(seconds=30), attempts=1)
    clock.now -= TWO_HOURS
    recover_runs()
    clock.now += timedelta(seconds=31)
    recover_runs()
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_set_back_before_a_recurring_window_it_comes_again(workspace: Workspace, clock: Clock) -> None:
    window = make_window(
        workspace,
        cron="0 11 * * *",
        duration_minutes=30,
        starts_at=NOON,
        ends_at=NOON + timedelta(minutes=30),
    )
    window.plan(clock.now)
    window.save()
    assert window.starts_at == NOON + timedelta(hours=23)
    clock.now -= TWO_HOURS
    schedule_due()
    clock.now += timedelta(hours=1, minutes=10)
    schedule_due()
    window.refresh_from_db()
    assert window.starts_at == NOON - timedelta(hours=1)
    assert window.is_active


def test_a_lost_message_of_before_is_sent_again(
    monitor: Monitor, clock: Clock, django_capture_on_commit_callbacks: Callbacks
) -> None:
    Monitor.objects.update(next_run_at=clock.now)
    schedule_due()
    clock.now -= TWO_HOURS
    with django_capture_on_commit_callbacks() as sent:
        recover_runs()
    assert len(sent) == 1


def test_whatever_the_library_answers_a_monitor_is_not_due_each_second(
    workspace: Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = make_monitor(workspace, "Broken"), make_monitor(workspace, "Sound")
    Monitor.objects.update(next_run_at=clock.now)
    next_times = cron.next_times

    def wrong(expression: str, zone: str, after: datetime, count: int = 1, second: int = 0) -> list[datetime]:
        return [after - timedelta(minutes=30)] * count

    def answer(expression: str, zone: str, *arguments: Any) -> list[datetime]:
        return (wrong if zone == "Pacific/Chatham" else next_times)(expression, zone, *arguments)

    Monitor.objects.filter(pk=broken.pk).update(timezone="Pacific/Chatham")
    monkeypatch.setattr(cron, "next_times", answer)
    schedule_due()
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert broken.next_run_at
    assert broken.next_run_at > clock.now
    assert sound.next_run_at == NOON + timedelta(minutes=5)


def test_a_schedule_that_cannot_be_read_any_more_stops_no_other(workspace: Workspace, clock: Clock) -> None:
    make_monitor(workspace, "Broken")
    sound = make_monitor(workspace, "Sound")
    Monitor.objects.update(next_run_at=clock.now)
    Monitor.objects.filter(name="Broken").update(timezone="Mars/Olympus")
    schedule_due()
    sound.refresh_from_db()
    assert sound.next_run_at == NOON + timedelta(minutes=5)
    assert RegionStatus.objects.count() == 2
