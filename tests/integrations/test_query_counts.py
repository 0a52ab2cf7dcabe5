"""How often the database is asked between a run and its accepted event: each time delays the page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from integrations import outbox
from integrations.models import Delivery, DeliveryStatus, Installation
from integrations.pagerduty.standin import StandIn
from monitors import worker
from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunType
from tests.factories import make_collection, make_monitor
from tests.integrations.factories import fail, make_integration
from tests.monitors.runner.target import Target
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

BEGIN_AND_COMMIT = 2
AtMost = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def installation(transactional_db: None) -> None:
    """As it is there from the first sweep on."""
    Installation.this()


def watched_monitor(workspace: Workspace, url: str) -> Monitor:
    content = {"info": {"name": "Orders"}, "item": [{"name": "List orders", "request": {"url": url}}]}
    monitor = make_monitor(workspace, collection=make_collection(workspace, content=content))
    make_integration(workspace, monitor)
    return monitor


def execute(monitor: Monitor) -> Run:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_failing_run_that_opens_an_incident(
    workspace: Workspace, standin: StandIn, django_assert_max_num_queries: AtMost
) -> None:
    run = Run.queue(watched_monitor(workspace, "http://127.0.0.1:1"), "default", RunType.MANUAL)
    with django_assert_max_num_queries(27 + BEGIN_AND_COMMIT):
        worker.execute(run.pk)
    run.refresh_from_db()
    assert run.result == Result.ERROR
    assert Delivery.objects.count() == 1


def test_a_further_failing_run(
    workspace: Workspace, standin: StandIn, django_assert_max_num_queries: AtMost
) -> None:
    monitor = watched_monitor(workspace, "http://127.0.0.1:1")
    execute(monitor)
    run = Run.queue(monitor, "default", RunType.MANUAL)
    with django_assert_max_num_queries(22 + BEGIN_AND_COMMIT):
        worker.execute(run.pk)
    assert Delivery.objects.count() == 1


def test_a_good_run_of_a_healthy_monitor(
    workspace: Workspace, standin: StandIn, django_assert_max_num_queries: AtMost
) -> None:
    with Target() as target:
        monitor = watched_monitor(workspace, target.url)
        execute(monitor)
        run = Run.queue(monitor, "default", RunType.MANUAL)
        with django_assert_max_num_queries(17 + BEGIN_AND_COMMIT):
            worker.execute(run.pk)
    run.refresh_from_db()
    assert run.result == Result.SUCCESSFUL


def test_a_delivery(workspace: Workspace, standin: StandIn, django_assert_max_num_queries: AtMost) -> None:
    monitor = make_monitor(workspace)
    make_integration(workspace, monitor)
    fail(monitor)
    delivery = Delivery.objects.get()
    with django_assert_max_num_queries(6 + BEGIN_AND_COMMIT):
        outbox.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.ACCEPTED
