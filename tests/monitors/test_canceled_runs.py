"""A run that somebody cancels ends soon, says nothing about the target and notifies nobody."""

import threading
from collections.abc import Iterator

import pytest
from django.test import Client

from monitors import progress, worker
from monitors.leases import keeper
from monitors.models import Monitor, Result, Run, RunDetail
from monitors.models.runs import RunStatus, RunType
from tests.conftest import client_of
from tests.factories import make_collection, make_monitor, make_run, make_running_run
from tests.monitors.runner.target import Target
from tests.monitors.test_execution import collection_of, request
from workspaces.models import Role, Workspace


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING])
def test_a_run_that_waits_or_is_executed_can_be_canceled(monitor: Monitor, status: str) -> None:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    if status == RunStatus.RUNNING:
        run.claim(run.queued_at)
    assert run.cancel(by="Ann")
    run.refresh_from_db()
    assert (run.status, run.result, run.summary, run.lease) == (
        "finished",
        "canceled",
        "Canceled by Ann.",
        None,
    )
    worker.execute(run.pk)
    assert Run.objects.get().result == Result.CANCELED
    assert Monitor.objects.get().failing_since is None


def test_one_that_is_over_stays_as_it_is(monitor: Monitor) -> None:
    run = make_run(monitor, Result.FAILURE)
    assert not run.cancel(by="Ann")
    run.refresh_from_db()
    assert run.result == Result.FAILURE


class Canceling:
    """Cancels the run that is executed as soon as its first request has ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0)
        monkeypatch.setattr(progress, "SHARE", 0)
        store = RunDetail.store

        def store_and_cancel(detail: RunDetail) -> None:
            store(detail)
            Run.objects.get(pk=detail.pk).cancel(by="Ann")

        monkeypatch.setattr(RunDetail, "store", store_and_cancel)


def test_its_worker_notices_and_sends_no_more_requests(
    workspace: Workspace, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    Canceling(monkeypatch)
    content = collection_of(*(request(f"{target.url}/{number}") for number in range(10)))
    monitor = make_monitor(workspace, collection=make_collection(workspace, content=content))
    run = Run.queue(monitor, "default", RunType.MANUAL)
    before = len(target.seen)
    worker.execute(run.pk)
    run.refresh_from_db()
    assert run.result == Result.CANCELED
    assert len(target.seen) - before == 2


def test_its_worker_notices_at_the_latest_when_it_renews_the_lease(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.leases.close_old_connections", lambda: None)  # of this very test
    run = Run.queue(monitor, "default", RunType.MANUAL)
    run.claim(run.queued_at)
    assert run.lease
    held = {run.lease: threading.Event()}
    keeper._renew(held)
    assert not held[run.lease].is_set()
    Run.objects.get().cancel(by="Ann")
    keeper._renew(held)
    assert held[run.lease].is_set()


def test_by_page(as_editor: Client, monitor: Monitor) -> None:
    run = make_running_run(monitor)
    as_editor.post(f"{run.get_absolute_url()}cancel/")
    run.refresh_from_db()
    assert run.result == Result.CANCELED
    assert run.summary.startswith("Canceled by ")


def test_viewers_cancel_nothing(as_viewer: Client, monitor: Monitor) -> None:
    run = make_running_run(monitor)
    assert as_viewer.post(f"{run.get_absolute_url()}cancel/").status_code == 403


def test_by_api(monitor: Monitor) -> None:
    api = client_of(monitor.workspace, Role.EDITOR)
    run = make_running_run(monitor)
    assert api.post(f"/api/v1/runs/{run.pk}/cancel/").json()["result"] == "canceled"
    assert api.post(f"/api/v1/runs/{run.pk}/cancel/").status_code == 409
