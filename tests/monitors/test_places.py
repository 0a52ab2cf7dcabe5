"""A workspace with many slow runs leaves others their share of a worker."""

import pytest
from pytest_django import Settings

from monitors import execution
from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunType, Status
from monitors.places import places
from tests.factories import make_collection, make_monitor
from workspaces.models import Workspace


@pytest.fixture(autouse=True)
def four_places(settings: Settings) -> None:
    settings.WORKER_CONCURRENCY = 4


def monitor_of(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, collection=make_collection(workspace, content={"info": {}, "item": []}))


def executed(monitor: Monitor) -> Run:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    execution.execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_workspace_waits_when_it_has_half_of_the_places(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    mine, theirs = monitor_of(workspace), monitor_of(other_workspace)
    with places.take(workspace.pk), places.take(workspace.pk):
        waiting = executed(mine)
        assert waiting.status == Status.QUEUED
        assert executed(theirs).result == Result.SUCCESSFUL
    execution.execute(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.result == Result.SUCCESSFUL


def test_it_takes_all_places_where_nobody_else_has_a_monitor(workspace: Workspace) -> None:
    mine = monitor_of(workspace)
    with places.take(workspace.pk), places.take(workspace.pk):
        assert executed(mine).result == Result.SUCCESSFUL
