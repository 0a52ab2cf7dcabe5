from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunStatus, RunType
from monitors.scheduling import recover_runs, schedule_due
from tests.factories import make_collection, make_monitor, make_run, make_running_run
from workspaces.models import Workspace

Callbacks = Callable[..., AbstractContextManager[object]]
NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, cron="* * * * *", next_run_at=NOON)


@pytest.fixture(autouse=True)
def no_messages_of_other_tests() -> None:
    messages("runs.default")


def messages(queue: str) -> list[int]:
    """The runs that the broker holds for the workers of a queue; takes them."""
    with current_app.connection_for_read() as connection, connection.SimpleQueue(queue) as waiting:
        return [waiting.get_nowait().payload[0][0] for _ in range(waiting.qsize())]


def test_a_due_monitor_gets_one_run_and_its_next_time(monitor: Monitor) -> None:
    schedule_due(NOON)
    monitor.refresh_from_db()
    run = Run.objects.get()
    assert (run.scheduled_at, run.type, run.status) == (NOON, RunType.SCHEDULED, RunStatus.QUEUED)
    assert monitor.next_run_at == NOON + timedelta(minutes=1)


def test_nothing_runs_before_its_time(monitor: Monitor) -> None:
    schedule_due(NOON - timedelta(seconds=1))
    assert not Run.objects.exists()


def test_each_region_gets_a_run(monitor: Monitor) -> None:
    Monitor.objects.update(regions=["eu", "us"])
    schedule_due(NOON)
    assert set(Run.objects.values_list("region", flat=True)) == {"eu", "us"}


def test_a_second_scheduler_adds_nothing(monitor: Monitor) -> None:
    schedule_due(NOON)
    Monitor.objects.update(next_run_at=NOON)
    Run.objects.update(status=RunStatus.FINISHED, result=Result.SUCCESSFUL)
    schedule_due(NOON)
    assert Run.objects.count() == 1


def test_a_paused_monitor_does_not_run(monitor: Monitor) -> None:
    monitor.pause()
    schedule_due(NOON)
    assert not Run.objects.exists()


def test_missed_slots_are_run_once_and_not_caught_up(monitor: Monitor) -> None:
    schedule_due(NOON + timedelta(hours=3, seconds=30))
    monitor.refresh_from_db()
    assert Run.objects.count() == 1
    assert monitor.next_run_at == NOON + timedelta(hours=3, minutes=1)


def test_a_monitor_whose_last_run_still_goes_skips_the_slot(monitor: Monitor) -> None:
    make_running_run(monitor)
    schedule_due(NOON)
    assert Run.objects.count() == 1


def test_the_time_zone_decides_when_nine_o_clock_is(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="0 9 * * *", timezone="America/New_York")
    assert monitor.next_times(NOON) == [datetime(2030, 1, 1, 14, 0, tzinfo=UTC)]


def test_a_run_goes_to_the_queue_of_its_region(
    monitor: Monitor, django_capture_on_commit_callbacks: Callbacks
) -> None:
    Monitor.objects.update(regions=["eu"])
    with django_capture_on_commit_callbacks(execute=True):
        schedule_due(NOON)
    assert messages("runs.eu") == [Run.objects.get().pk]


def test_a_run_whose_worker_vanished_is_queued_again(monitor: Monitor) -> None:
    run = make_running_run(monitor, leased_until=timezone.now() - timedelta(seconds=1), attempts=1)
    recover_runs()
    run.refresh_from_db()
    assert (run.status, run.lease) == (RunStatus.QUEUED, None)


def test_a_run_that_lost_two_workers_is_our_own_trouble(monitor: Monitor) -> None:
    run = make_running_run(monitor, leased_until=timezone.now() - timedelta(seconds=1), attempts=2)
    recover_runs()
    run.refresh_from_db()
    assert (run.status, run.result) == (RunStatus.FINISHED, Result.SYSTEM_ERROR)


def test_a_run_whose_worker_is_alive_is_left_alone(monitor: Monitor) -> None:
    run = make_running_run(monitor, leased_until=timezone.now() + timedelta(seconds=20), attempts=1)
    recover_runs()
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING


def test_a_lost_message_is_sent_again(
    monitor: Monitor, django_capture_on_commit_callbacks: Callbacks
) -> None:
    run = Run.queue(monitor, "default", RunType.MANUAL, now=timezone.now() - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        recover_runs()
    assert messages("runs.default") == [run.pk]


def test_a_run_is_claimed_once(monitor: Monitor) -> None:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    other = Run.objects.get(pk=run.pk)
    assert run.claim(timezone.now())
    assert not other.claim(timezone.now())


def test_a_worker_that_lost_its_lease_cannot_store_a_result(monitor: Monitor) -> None:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    run.claim(timezone.now() - timedelta(minutes=5))
    recover_runs()
    assert not run.finish(RunStatus.FINISHED, result=Result.FAILURE, finished_at=timezone.now())
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_a_monitor_fails_until_every_region_is_good_again(monitor: Monitor) -> None:
    monitor.regions = ["eu", "us"]
    make_run(monitor, Result.FAILURE, region="eu")
    make_run(monitor, Result.SUCCESSFUL, region="us")
    assert monitor.failing_since
    make_run(monitor, Result.SUCCESSFUL, region="eu")
    assert monitor.failing_since is None


def test_system_trouble_says_nothing_about_the_target(monitor: Monitor) -> None:
    make_run(monitor, Result.SYSTEM_ERROR)
    assert monitor.failing_since is None
    assert monitor.last_run is None


def test_the_starts_of_many_monitors_are_spread_over_the_minute(workspace: Workspace) -> None:
    collection = make_collection(workspace)
    for number in range(240):
        make_monitor(workspace, f"Shop {number}", collection=collection, cron="* * * * *", second=None)
    seconds = Counter(monitor.next_run_at.second for monitor in Monitor.objects.all() if monitor.next_run_at)
    assert len(seconds) > 45
    assert max(seconds.values()) <= 20


def test_a_monitor_keeps_its_second(workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="* * * * *", second=None, next_run_at=NOON)
    assert monitor.second == monitor.pk.int % 60
    schedule_due(NOON)
    monitor.refresh_from_db()
    assert monitor.next_run_at == NOON + timedelta(minutes=monitor.second == 0, seconds=monitor.second)
    assert monitor.second == monitor.pk.int % 60


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite uses these indexes for no parameter.")
def test_unfinished_runs_are_found_by_the_small_indexes_of_their_states(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Run.objects.unfinished().explain()
    assert "runs_queued" in plan
    assert "runs_running" in plan
