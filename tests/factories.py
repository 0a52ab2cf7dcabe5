"""Rows for tests: each function fills in what the test does not care about."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from monitors import rollups
from monitors.models import (
    Collection,
    Environment,
    MaintenanceWindow,
    Monitor,
    Result,
    Run,
    RunDetail,
)
from monitors.models.runs import RunStatus, take_number
from monitors.request_results import ConsoleLine, RequestResult, RunDocument, ScriptError, TestResult
from workspaces.models import Invitation, User, Workspace

CONTENT: dict[str, Any] = {
    "info": {
        "name": "Orders",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    "item": [
        {"name": "List orders", "request": {"method": "GET", "url": "https://api.example/orders"}},
    ],
}


def make_user(email: str, **fields: Any) -> User:
    """A person without a password: tests sign in with `force_login`."""
    return User.objects.create_user(email, **fields)


def make_invitation(workspace: Workspace, email: str = "invited@acme.example", **fields: Any) -> Invitation:
    """As if its link had been mailed."""
    invitation = Invitation(workspace=workspace, email=email, **fields)
    invitation.renew()
    invitation.was_mailed = True
    invitation.save()
    return invitation


def make_collection(
    workspace: Workspace, name: str = "Orders", content: dict[str, Any] | None = None
) -> Collection:
    collection = Collection(workspace=workspace, name=name)
    collection.save()
    content = content or CONTENT
    collection.add_version(content | {"info": content["info"] | {"name": name}}, by=None)
    return collection


def make_environment(workspace: Workspace, name: str = "Staging", **variables: str) -> Environment:
    environment = Environment(workspace=workspace, name=name)
    environment.save()
    for position, (key, value) in enumerate(variables.items()):
        environment.variables.create(position=position, key=key, value=value)
    return environment


def make_monitor(workspace: Workspace, name: str = "Checkout", **fields: Any) -> Monitor:
    """It starts at the beginning of the minute, unless the test gives another second."""
    fields.setdefault("second", 0)
    fields.setdefault("collection", None)
    fields["collection"] = fields["collection"] or make_collection(workspace)
    monitor: Monitor = Monitor.objects.create(workspace=workspace, name=name, **fields)
    return monitor


def make_run(monitor: Monitor, result: str = Result.SUCCESSFUL, minutes_ago: float = 0, **fields: Any) -> Run:
    """A finished run that ended `minutes_ago`, noted by its monitor and counted in roll-ups."""
    finished_at = timezone.now() - timedelta(minutes=minutes_ago)
    started_at = finished_at - timedelta(seconds=1)
    run: Run = Run.objects.create(
        **{
            "workspace": monitor.workspace,
            "monitor": monitor,
            "number": take_number(monitor),
            "region": monitor.regions[0],
            "collection_version": monitor.collection.latest,
            "status": RunStatus.FINISHED,
            "result": result,
            "scheduled_at": started_at,
            "queued_at": started_at,
            "started_at": started_at,
            "finished_at": finished_at,
            "request_count": 1,
            "passed_tests": 1,
            "response_time_ms": 120,
        }
        | fields
    )
    monitor.record_run(run)
    rollups.count_run(run)
    return run


def make_running_run(monitor: Monitor, **fields: Any) -> Run:
    now = timezone.now()
    run: Run = Run.objects.create(
        **{
            "workspace": monitor.workspace,
            "monitor": monitor,
            "number": take_number(monitor),
            "region": monitor.regions[0],
            "status": RunStatus.RUNNING,
            "scheduled_at": now,
            "queued_at": now,
            "started_at": now,
        }
        | fields
    )
    return run


def make_request_result(run: Run, name: str = "List orders", **fields: Any) -> RequestResult:
    """Adds a request to the detail of the run. Tests and script errors may be given as dicts."""
    document = _stored_document(run)
    values: dict[str, Any] = {
        "position": len(document.requests),
        "name": name,
        "method": "GET",
        "url": "https://api.example/orders",
        "status_code": 200,
        "status_text": "OK",
        "response_time_ms": 120,
        "response_size": 512,
        "assertions": [TestResult("Status is 200")],
    }
    result = RequestResult(**values | fields)
    result.assertions = [
        test if isinstance(test, TestResult) else TestResult(**test) for test in result.assertions
    ]
    result.script_errors = [
        error if isinstance(error, ScriptError) else ScriptError(**error) for error in result.script_errors
    ]
    RunDetail.of(run, RunDocument([*document.requests, result], document.console)).store()
    return result


def make_console(run: Run, *lines: tuple[str, str]) -> None:
    """Adds lines to the console of the run. `lines` are pairs of level and text."""
    document = _stored_document(run)
    console = [*document.console, *(ConsoleLine(0, level, text) for level, text in lines)]
    RunDetail.of(run, RunDocument(document.requests, console)).store()


def _stored_document(run: Run) -> RunDocument:
    stored = RunDetail.objects.filter(run=run).first()
    return stored.content if stored else RunDocument()


def make_window(
    workspace: Workspace, *monitors: Monitor, minutes_ago: float = 10, **fields: Any
) -> MaintenanceWindow:
    """A window that began `minutes_ago` and lasts an hour; of these monitors, if any are given."""
    starts_at = timezone.now() - timedelta(minutes=minutes_ago)
    window: MaintenanceWindow = MaintenanceWindow.objects.create(
        **{
            "workspace": workspace,
            "name": "Deploy",
            "scope": "monitors" if monitors else "workspace",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
        }
        | fields
    )
    window.monitors.set(monitors)
    return window
