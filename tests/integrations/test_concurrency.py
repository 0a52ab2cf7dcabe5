"""Several workers at once, on the database's own terms."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from config.celery import app
from integrations import outbox
from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from integrations.pagerduty.standin import StandIn
from integrations.reconciling import reconcile
from monitors.models import Monitor, Outage, Result, Run
from tests.factories import make_monitor, make_run
from tests.integrations.factories import OTHER_KEY, deliver_all, fail, make_integration, record, succeed
from workspaces import deletion
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], Any]) -> None:
    """Starts the jobs in threads of their own at the same moment and waits for all."""
    ready = threading.Barrier(len(jobs))
    problems: list[BaseException] = []

    def work(job: Callable[[], Any]) -> None:
        try:
            ready.wait()
            job()
        except BaseException as problem:
            problems.append(problem)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not problems


@pytest.fixture(autouse=True)
def a_database_that_threads_share() -> None:
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("SQLite in memory belongs to one thread.")


def test_a_delivery_that_many_workers_want_is_sent_once(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    pk = Delivery.objects.get().pk
    at_once(*[lambda: outbox.deliver(pk)] * 6)
    assert len(standin.events) == 1


def test_trigger_and_resolve_keep_their_order(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"delay_ms": 300}])
    fail(monitor)
    trigger = Delivery.objects.get().pk

    def recover() -> None:
        succeed(monitor)
        for delivery in Delivery.objects.unfinished():
            outbox.deliver(delivery.pk)

    at_once(lambda: outbox.deliver(trigger), recover)
    for delivery in Delivery.objects.unfinished():
        outbox.deliver(delivery.pk)
    actions = [event["body"]["event_action"] for event in standin.events]
    assert actions in (["trigger", "resolve"], [])
    assert standin.open_incidents == []


def test_regions_that_fail_at_once_open_one_incident(workspace: Workspace, standin: StandIn) -> None:
    regions = ["eu", "us", "asia", "africa"]
    monitor = make_monitor(workspace, regions=regions)
    make_integration(workspace, monitor)
    runs = [make_run(monitor, Result.FAILURE, region=region) for region in regions]
    at_once(*[partial(record, run) for run in runs])
    assert Incident.objects.count() == 1
    assert Incident.objects.get().failed_runs == len(regions)


def test_runs_that_are_recorded_at_once_share_one_outage(workspace: Workspace) -> None:
    regions = ["eu", "us", "asia", "africa"]
    monitor = make_monitor(workspace, regions=regions)
    for result, is_open in ((Result.FAILURE, True), (Result.SUCCESSFUL, False)) * 3:
        at_once(*[partial(record_as_a_worker, monitor, result, region) for region in regions])
        assert Outage.objects.open().exists() is is_open
    assert [outage.failed_runs for outage in Outage.objects.all()] == [4, 4, 4]
    assert {tuple(sorted(outage.regions)) for outage in Outage.objects.all()} == {tuple(sorted(regions))}


def test_a_pause_leaves_no_outage_open_while_a_run_fails(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    for _ in range(5):
        paused = Monitor.objects.get(pk=monitor.pk)
        at_once(paused.pause, partial(record_as_a_worker, monitor, Result.FAILURE, "default"))
        assert not Outage.objects.open().exists()
        paused.resume()


@transaction.atomic
def record_as_a_worker(monitor: Monitor, result: Result, region: str) -> None:
    """Reads and locks the monitor before it records the run."""
    make_run(Monitor.objects.select_for_update(no_key=True).get(pk=monitor.pk), result, region=region)


def test_a_workspace_with_many_slow_receivers_holds_up_no_page_of_another(
    workspace: Workspace, other_workspace: Workspace, standin: StandIn, settings: Settings
) -> None:
    theirs = make_monitor(other_workspace)
    make_integration(other_workspace, theirs)
    mine = make_monitor(workspace)
    for number in range(14):
        make_integration(workspace, mine, name=f"Slow {number}", config={"region": "eu"})
    with StandIn() as slow, start_worker(app, pool="threads", concurrency=16, perform_ping_check=False):
        settings.PAGERDUTY_EU_EVENTS_URL = slow.url
        slow.faults.add([{"delay_ms": 3000, "times": 12}])
        fail(mine)
        wait_until(lambda: Delivery.objects.filter(status=DeliveryStatus.SENDING).count() >= 6)
        fail(theirs)
        wait_until(lambda: bool(standin.open_incidents))
        assert not Delivery.objects.filter(workspace=workspace, status=DeliveryStatus.ACCEPTED).exists()
        wait_until(everything_is_sent)
    assert len(slow.open_incidents) == 14


def everything_is_sent() -> bool:
    outbox.sweep()
    return not Delivery.objects.unfinished().exists()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("provider", ["pagerduty", "email"])
def test_an_integration_that_is_deleted_meanwhile_spoils_no_run(
    monitor: Monitor, standin: StandIn, provider: str
) -> None:
    config = {"recipients": ["ada@acme.example"], "stop_after": 3}
    for _ in range(5):
        integration = make_integration(monitor.workspace, monitor, provider=provider, config=config)
        run = make_run(monitor, Result.FAILURE)
        at_once(integration.delete, partial(record, run))
    deletion.purge(60)
    assert not Incident.objects.open().exists()
    assert not Delivery.objects.filter(integration__isnull=False).exists()


class TestWhatPeopleDoMeanwhile:
    """Deletions and changes lock the same rows as runs and responses do, and no two wait for each other."""

    @pytest.mark.parametrize("meanwhile", ["change", "pause", "delete"])
    def test_while_a_run_is_recorded(
        self, workspace: Workspace, monitor: Monitor, standin: StandIn, meanwhile: str
    ) -> None:
        for _ in range(8):
            integration = make_integration(workspace, monitor)
            fail(monitor)
            deliver_all()
            runs = [make_run(monitor, result) for result in (Result.FAILURE, Result.SUCCESSFUL)]
            at_once(partial(do, meanwhile, integration), *[partial(record, run) for run in runs])
            deliver_all()
            delete_all_integrations()
            deliver_all()
            assert standin.open_incidents == []

    @pytest.mark.parametrize("meanwhile", ["change", "pause", "delete"])
    @pytest.mark.parametrize("status", [202, 400])
    def test_while_a_response_is_recorded(
        self, workspace: Workspace, monitor: Monitor, standin: StandIn, meanwhile: str, status: int
    ) -> None:
        for _ in range(8):
            integration = make_integration(workspace, monitor)
            fail(monitor)
            Integration.objects.update(rejections=1)
            if status == 400:
                standin.faults.add([{"status": 400}])
            trigger = Delivery.objects.latest("id").pk
            at_once(partial(do, meanwhile, integration), partial(outbox.deliver, trigger))
            standin.faults.clear()
            delete_all_integrations()
            deliver_all()
            assert standin.open_incidents == []

    @pytest.mark.parametrize("owner", ["monitor", "workspace"])
    def test_while_a_run_of_what_is_deleted_is_recorded(self, standin: StandIn, owner: str) -> None:
        for number in range(8):
            workspace = Workspace.objects.create(name=f"Acme {number}", slug=f"acme-{number}")
            monitor = make_monitor(workspace)
            make_integration(workspace, monitor)
            fail(monitor)
            deliver_all()
            run = make_run(monitor, Result.FAILURE)
            at_once((monitor if owner == "monitor" else workspace).delete, partial(record_if_there, run))
            reconcile(timezone.now())
            deliver_all()
            assert standin.open_incidents == []


def delete_all_integrations() -> None:
    for integration in Integration.objects.all():
        integration.delete()


def do(meanwhile: str, integration: Integration) -> None:
    if meanwhile == "change":
        integration.config = integration.config | {"integration_key": OTHER_KEY}
        integration.change()
    elif meanwhile == "pause":
        integration.pause(close_incidents=True)
    else:
        integration.delete()


def record_if_there(run: Run) -> None:
    with suppress(Monitor.DoesNotExist):
        record(run)


def test_an_old_resolve_is_not_sent_again_while_the_next_outage_begins(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    standin.faults.add([{"status": 400}])
    succeed(monitor)
    deliver_all()
    resolve = Delivery.objects.get(status="rejected")
    outage_began, outage_is_known = threading.Event(), threading.Event()

    def begin_outage() -> None:
        with transaction.atomic():
            fail(monitor)
            outage_began.set()
            outage_is_known.wait(0.5)

    def resend() -> None:
        outage_began.wait(10)
        outbox.resend(resolve)
        outage_is_known.set()

    at_once(begin_outage, resend)
    deliver_all()
    assert len(standin.open_incidents) == 1
    assert Delivery.objects.latest("id").action == "trigger"
