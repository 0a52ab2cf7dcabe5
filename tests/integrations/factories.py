"""Rows and events for the tests of integrations."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import outbox
from integrations.models import Delivery, Integration
from monitors.models import Monitor, Result, Run
from monitors.request_results import RequestResult
from monitors.signals import run_failed, run_passed
from tests.factories import make_request_result, make_run
from workspaces.models import Workspace

KEY = "e93facc04764012d7bfb002500d5d1a6"
OTHER_KEY = "R0ABCDEFGHIJKLMNOPQRSTUVWXYZ0123"


def make_integration(workspace: Workspace, monitor: Monitor | None = None, **fields: Any) -> Integration:
    config = {"integration_key": KEY, "region": "us", "severity": ""} | fields.pop("config", {})
    integration: Integration = Integration.objects.create(
        workspace=workspace,
        monitor=monitor,
        **{"provider": "pagerduty", "name": "Checkout to PagerDuty", "config": config} | fields,
    )
    return integration


def make_failed_request(run: Run, **fields: Any) -> RequestResult:
    error = "expected 500 to equal 201"
    failing: dict[str, Any] = {
        "name": "Create order",
        "method": "POST",
        "url": "https://api.example/orders?token=abc",
        "status_code": 500,
        "status_text": "Internal Server Error",
        "assertions": [{"name": "Status is 201", "passed": False, "skipped": False, "error": error}],
    }
    return make_request_result(run, **failing | fields)


def fail(monitor: Monitor, result: str = Result.FAILURE, **fields: Any) -> Run:
    """A run that fails, and is recorded by the integrations as in a worker."""
    counts: dict[str, Any] = {"failed_tests": 1, "summary": "Create order: Status is 201"}
    run = make_run(monitor, result, **counts | fields)
    make_failed_request(run)
    record(run)
    return run


def succeed(monitor: Monitor, **fields: Any) -> Run:
    run = make_run(monitor, Result.SUCCESSFUL, **fields)
    record(run)
    return run


@transaction.atomic
def record(run: Run) -> None:
    """Like `store_report`: in the transaction of the result, with the monitor's row locked."""
    Monitor.objects.select_for_update(no_key=True).get(pk=run.monitor_id)
    signal = run_passed if run.result == Result.SUCCESSFUL else run_failed
    signal.send(sender=Run, run=run)


def only_delivery() -> Delivery:
    return Delivery.objects.get()


def use_other_key(integration: Integration) -> None:
    integration.config = integration.config | {"integration_key": OTHER_KEY}
    integration.change()


def seconds_until(delivery: Delivery) -> float:
    return (delivery.next_attempt_at - timezone.now()).total_seconds()


def deliver_all() -> None:
    """Does what a worker does, until nothing is due."""
    while due := list(Delivery.objects.due(timezone.now()).first_of_stream().order_by("id")):
        for delivery in due:
            outbox.deliver(delivery.pk)


def make_all_due() -> None:
    """Turns the clock to the next attempts."""
    Delivery.objects.waiting().update(next_attempt_at=timezone.now())


def deliver_later() -> None:
    """Delivers what waits for its next attempt, and what follows it."""
    make_all_due()
    deliver_all()
