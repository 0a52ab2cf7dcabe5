"""Runs are counted for each monitor."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitors.models import Monitor, Run
from monitors.models.runs import RunType
from monitors.scheduling import schedule_due
from tests.factories import make_monitor
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


def numbers(monitor: Monitor) -> list[int]:
    return list(Run.objects.filter(monitor=monitor).order_by("id").values_list("number", flat=True))


def run_by_schedule(minutes: int = 0) -> None:
    now = timezone.now() + timedelta(minutes=minutes)
    Monitor.objects.update(next_run_at=now)
    schedule_due(now)
    finish_runs()


def finish_runs() -> None:
    Run.objects.update(status="finished", result="successful", finished_at=timezone.now())


def test_scheduled_and_manual_runs_share_one_count(monitor: Monitor, workspace: Workspace) -> None:
    other = make_monitor(workspace, "Other")
    run_by_schedule()
    monitor.run_now()
    Run.queue(monitor, "default", RunType.WEBHOOK)
    finish_runs()
    run_by_schedule(minutes=10)
    assert (numbers(monitor), numbers(other)) == ([1, 2, 3, 4], [1, 2])


def test_each_region_of_a_monitor_takes_a_number(monitor: Monitor) -> None:
    Monitor.objects.update(regions=["default", "eu"])
    run_by_schedule()
    assert numbers(monitor) == [1, 2]


def test_an_edit_that_began_before_a_run_gives_its_number_to_no_other(monitor: Monitor) -> None:
    edited = Monitor.objects.get()
    run_by_schedule()
    edited.name = "Renamed"
    edited.save()
    run_by_schedule(minutes=10)
    assert (Monitor.objects.get().name, numbers(monitor)) == ("Renamed", [1, 2])


def test_a_region_that_is_busy_takes_no_number(monitor: Monitor) -> None:
    monitor.run_now()
    now = timezone.now()
    Monitor.objects.update(next_run_at=now)
    schedule_due(now)
    assert numbers(monitor) == [1]
    assert Monitor.objects.get().last_run_number == 1
