"""A run that waits: its message is sent again only when it may be lost, and how long it waits stays true."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.utils import timezone

from monitors.models import Monitor, Run
from monitors.models.runs import RunStatus, RunType
from monitors.scheduling import recover_runs
from tests.factories import make_monitor, make_run, make_running_run
from tests.monitors.test_scheduling import messages
from workspaces.models import Workspace

Callbacks = Callable[..., AbstractContextManager[list[object]]]


@pytest.fixture(autouse=True)
def no_messages_of_other_tests() -> None:
    messages("runs.default")


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, cron="* * * * *")


def test_a_region_without_a_worker_gets_few_messages_and_the_wait_is_counted_from_the_first(
    monitor: Monitor, django_capture_on_commit_callbacks: Callbacks
) -> None:
    start = timezone.now()
    run = Run.queue(monitor, "default", RunType.SCHEDULED, now=start)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        for second in range(0, 12 * 60, 5):
            recover_runs(start + timedelta(seconds=second))
    run.refresh_from_db()
    assert len(sent) == 4
    assert run.queued_at == start
    with django_capture_on_commit_callbacks(execute=True) as sent:
        for minute in range(12, 24 * 60, 5):
            recover_runs(start + timedelta(minutes=minute))
    assert len(sent) < 55


def test_a_message_that_others_overtook_is_lost_and_sent_again_soon(
    monitor: Monitor, workspace: Workspace, django_capture_on_commit_callbacks: Callbacks
) -> None:
    now = timezone.now()
    run = Run.queue(monitor, "default", RunType.SCHEDULED, now=now - timedelta(minutes=10))
    Run.objects.filter(pk=run.pk).update(messages_sent=5, message_sent_at=now - timedelta(minutes=2))
    with django_capture_on_commit_callbacks(execute=True):
        recover_runs(now)
    assert messages("runs.default") == []
    make_running_run(make_monitor(workspace, "Later"), queued_at=now, leased_until=now + timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        recover_runs(now)
    assert messages("runs.default") == [run.pk]


def test_one_that_was_overtaken_by_a_run_that_ended_is_sent_again_too(
    monitor: Monitor, workspace: Workspace, django_capture_on_commit_callbacks: Callbacks
) -> None:
    now = timezone.now()
    run = Run.queue(monitor, "default", RunType.SCHEDULED, now=now - timedelta(minutes=10))
    Run.objects.filter(pk=run.pk).update(messages_sent=5, message_sent_at=now - timedelta(minutes=2))
    make_run(make_monitor(workspace, "Later"))
    with django_capture_on_commit_callbacks(execute=True):
        recover_runs(now)
    assert messages("runs.default") == [run.pk]


def test_a_run_that_another_region_overtook_waits(
    monitor: Monitor, workspace: Workspace, django_capture_on_commit_callbacks: Callbacks
) -> None:
    now = timezone.now()
    run = Run.queue(monitor, "default", RunType.SCHEDULED, now=now - timedelta(minutes=10))
    Run.objects.filter(pk=run.pk).update(messages_sent=5, message_sent_at=now - timedelta(minutes=2))
    make_run(make_monitor(workspace, "Elsewhere", regions=["eu"]))
    with django_capture_on_commit_callbacks(execute=True):
        recover_runs(now)
    assert messages("runs.default") == []


def test_a_run_that_lost_its_worker_keeps_its_first_time_in_the_queue(monitor: Monitor) -> None:
    queued_at = timezone.now() - timedelta(minutes=3)
    run = make_running_run(
        monitor, queued_at=queued_at, leased_until=timezone.now() - timedelta(seconds=1), attempts=1
    )
    recover_runs()
    run.refresh_from_db()
    assert (run.status, run.queued_at) == (RunStatus.QUEUED, queued_at)


def test_a_run_that_others_overtake_all_the_time_gets_few_messages(
    monitor: Monitor, workspace: Workspace, django_capture_on_commit_callbacks: Callbacks
) -> None:
    start = timezone.now()
    Run.queue(monitor, "default", RunType.SCHEDULED, now=start)
    leased_until = start + timedelta(days=1)
    other = make_running_run(make_monitor(workspace, "Later"), leased_until=leased_until)
    with django_capture_on_commit_callbacks(execute=True) as sent:
        for second in range(0, 30 * 60, 15):
            now = start + timedelta(seconds=second)
            Run.objects.filter(pk=other.pk).update(queued_at=now, leased_until=now + timedelta(minutes=1))
            recover_runs(now)
    assert len(sent) < 14
