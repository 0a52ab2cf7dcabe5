"""A workspace with many slow runs leaves others their share of a worker."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from monitors import worker
from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunStatus, RunType
from monitors.scheduling import recover_runs
from monitors.worker import slots
from tests.factories import make_collection, make_monitor, make_run, make_user
from workspaces.models import Workspace
from workspaces.slots import FairSlots


@pytest.fixture(autouse=True)
def four_slots(settings: Settings) -> None:
    settings.WORKER_CONCURRENCY = 4


def monitor_of(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, collection=make_collection(workspace, content={"info": {}, "item": []}))


def executed(monitor: Monitor) -> Run:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_workspace_waits_when_it_has_half_of_the_slots(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    mine, theirs = monitor_of(workspace), monitor_of(other_workspace)
    with slots.slot(workspace.pk), slots.slot(workspace.pk):
        waiting = executed(mine)
        assert waiting.status == RunStatus.QUEUED
        assert executed(theirs).result == Result.SUCCESSFUL
    worker.execute(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.result == Result.SUCCESSFUL


def test_it_uses_all_slots_where_nobody_else_has_a_monitor(workspace: Workspace) -> None:
    mine = monitor_of(workspace)
    with slots.slot(workspace.pk), slots.slot(workspace.pk):
        assert executed(mine).result == Result.SUCCESSFUL


def test_two_workspaces_with_many_slow_runs_leave_a_slot_for_a_third(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    third = Workspace.create_with_owner("Third", make_user("third@example.com"))
    mine, theirs, thirds = monitor_of(workspace), monitor_of(other_workspace), monitor_of(third)
    with slots.slot(workspace.pk), slots.slot(workspace.pk), slots.slot(other_workspace.pk):
        assert executed(theirs).status == RunStatus.QUEUED
        assert executed(mine).status == RunStatus.QUEUED
        assert executed(thirds).result == Result.SUCCESSFUL


def test_a_run_that_finds_no_slot_uses_none_of_others(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    mine, theirs = monitor_of(workspace), monitor_of(other_workspace)
    with slots.slot(workspace.pk), slots.slot(workspace.pk):
        for _ in range(5):
            executed(mine)
        with slots.slot(other_workspace.pk):
            assert executed(theirs).status == RunStatus.QUEUED
        assert executed(theirs).result == Result.SUCCESSFUL


def test_a_run_that_waits_for_a_slot_is_not_considered_lost(
    workspace: Workspace, other_workspace: Workspace, django_capture_on_commit_callbacks: Any
) -> None:
    mine, theirs = monitor_of(workspace), monitor_of(other_workspace)
    waiting = Run.queue(mine, "default", RunType.MANUAL, now=timezone.now() - timedelta(minutes=5))
    with slots.slot(workspace.pk), slots.slot(workspace.pk):
        worker.execute(waiting.pk)
    make_run(theirs)
    with django_capture_on_commit_callbacks() as sent:
        recover_runs()
    assert sent == []


def test_an_error_while_asking_for_the_second_slot_keeps_none(workspace: Workspace) -> None:
    def fails(workspace_id: object) -> bool:
        raise OperationalError("The database restarts.")

    outer = FairSlots(lambda: 0, fails)
    inner = FairSlots(lambda: 1, lambda workspace_id: True, within=outer)
    for _ in range(2):
        with pytest.raises(OperationalError), inner.slot(workspace.pk):
            pass
