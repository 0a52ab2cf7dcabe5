"""Runs of earlier versions of the database keep what they found out, and are numbered."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils import timezone

from monitors.models import Monitor, Run
from monitors.request_results import ConsoleLine, RequestResult, ScriptError, TestResult
from workspaces.models import Workspace

moving = import_module("monitors.migrations.0021_move_run_details")

BEFORE = [("monitors", "0019_store_urls_to_search")]


def migrate(targets: list[tuple[str, str]] | None = None) -> StateApps:
    """Migrates to these states, or to the newest. Returns the models of then."""
    executor = MigrationExecutor(connection)
    targets = targets or executor.loader.graph.leaf_nodes()
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def old(transactional_db: None) -> Iterator[StateApps]:
    """The models as they were."""
    yield migrate(BEFORE)
    migrate()


def make_old_runs(apps: StateApps, names: tuple[str, ...] = ("Checkout",), count: int = 3) -> None:
    def model(name: str) -> Any:
        return apps.get_model("monitors", name)

    workspace = Workspace.objects.create(name="Acme", slug="acme").pk
    collection = model("Collection").objects.create(workspace_id=workspace, name="Orders")
    monitors = [
        model("Monitor").objects.create(workspace_id=workspace, collection=collection, name=name, second=0)
        for name in names
    ]
    started = timezone.now() - timedelta(hours=1)
    for _ in range(count):
        for monitor in monitors:
            run = model("Run").objects.create(
                workspace_id=workspace,
                monitor=monitor,
                region="default",
                type="manual",
                status="finished",
                result="failure",
                scheduled_at=started,
                queued_at=started,
                started_at=started,
            )
            test = {"name": "Status is 201", "passed": False, "skipped": False, "error": "was 500"}
            error = {"listen": "test", "name": "TypeError", "message": "x", "line": 3}
            model("RequestResult").objects.create(
                run=run, position=0, name="Order", method="POST", url="https://api.example/", status_code=500,
                status_text="Internal Server Error", response_time_ms=12, response_size=7, assertions=[test],
                script_errors=[error],
            )  # fmt: skip
            at = (started + timedelta(milliseconds=250)).isoformat()
            model("RunConsole").objects.create(
                run=run, lines=[{"at": at, "level": "warn", "text": "careful", "item": "Order"}]
            )


EXPECTED = RequestResult(
    name="Order",
    method="POST",
    url="https://api.example/",
    status_code=500,
    status_text="Internal Server Error",
    response_time_ms=12,
    elapsed_ms=12,
    response_size=7,
    assertions=[TestResult("Status is 201", False, error="was 500")],
    script_errors=[ScriptError("test", "TypeError", "x", 3)],
)


def test_requests_and_console_are_carried_over(old: StateApps) -> None:
    make_old_runs(old)
    migrate()
    for run in Run.objects.all():
        assert run.detail.requests == [EXPECTED]
        assert run.detail.console == [ConsoleLine(250, "warn", "careful", 0)]


def test_the_runs_of_each_monitor_are_numbered(old: StateApps) -> None:
    make_old_runs(old, ("Checkout", "Search"))
    migrate()
    for monitor in Monitor.objects.all():
        numbers = Run.objects.filter(monitor=monitor).order_by("id").values_list("number", flat=True)
        assert (list(numbers), monitor.last_run_number) == ([1, 2, 3], 3)


@pytest.mark.parametrize("step", ["details_of", "number_batch"])
def test_it_goes_on_where_it_was_interrupted(
    old: StateApps, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "RUNS_IN_BATCH", 2)
    monkeypatch.setattr(moving, "NUMBERED_IN_BATCH", 2)
    make_old_runs(old, count=5)
    work: Callable[..., Any] = getattr(moving, step)
    calls: list[object] = []

    def die_in_the_third(*arguments: object) -> Any:
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return work(*arguments)

    monkeypatch.setattr(moving, step, die_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        migrate()
    migrate()
    assert [run.number for run in Run.objects.order_by("id")] == [1, 2, 3, 4, 5]
    assert all(run.detail.requests == [EXPECTED] for run in Run.objects.all())
