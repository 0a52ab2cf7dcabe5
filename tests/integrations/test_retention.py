"""Deliveries and incidents are removed when they ended long ago, and never what an open incident needs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Action, ClosedBecause, Delivery, DeliveryStatus, Incident, Installation
from integrations.outage_lines import OutageLine, lines_of
from integrations.tasks import delete_expired
from monitors.models import Outage
from monitors.models.outages import EndedBecause
from monitors.tasks import delete_expired as delete_expired_runs
from tests.factories import make_monitor
from tests.integrations.factories import fail, make_integration, succeed
from tests.integrations.webhook.conftest import make_webhook
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=800)


def finish(deliveries: Any, days_ago: float) -> None:
    """As if they had been accepted then."""
    at = timezone.now() - timedelta(days=days_ago)
    deliveries.update(status=DeliveryStatus.ACCEPTED, created_at=at, finished_at=at)


@pytest.fixture
def incident(workspace: Workspace) -> Incident:
    """An open one, of which the provider knows."""
    monitor = make_monitor(workspace)
    integration = make_integration(workspace, monitor)
    fail(monitor)
    return integration.incidents.get()


def test_deliveries_of_an_open_incident_stay_however_old_they_are(incident: Incident) -> None:
    finish(Delivery.objects.all(), 400)
    delete_expired()
    assert incident.possibly_delivered


def test_old_deliveries_of_a_closed_incident_go_but_for_those_that_its_outage_is_told_by(
    incident: Incident,
) -> None:
    assert incident.monitor
    incident.remind(fail(incident.monitor))
    incident.remind(fail(incident.monitor))
    finish(Delivery.objects.all(), 92)
    succeed(incident.monitor)
    finish(Delivery.objects.filter(action="resolve"), 91)
    [line] = line_of_outage(incident)
    delete_expired()
    assert list(Delivery.objects.order_by("id").values_list("action", flat=True)) == ["trigger", "resolve"]
    assert line_of_outage(incident) == [line]
    assert line.notified_at
    assert line.closed_at


def line_of_outage(incident: Incident) -> list[OutageLine]:
    assert incident.outage
    return lines_of([incident.outage])[incident.outage.pk]


@pytest.mark.parametrize("is_open", [True, False])
def test_deliveries_without_incidents_stay_as_long_as_their_outage(
    workspace: Workspace, is_open: bool
) -> None:
    monitor = make_monitor(workspace)
    make_webhook(monitor, "http://127.0.0.1:9/")
    fail(monitor)
    if not is_open:
        succeed(monitor)
    finish(Delivery.objects.all(), 91)
    outage = Outage.objects.get()
    lines = lines_of([outage])
    assert lines[outage.pk]
    delete_expired()
    assert lines_of([outage]) == lines
    Outage.objects.end(EndedBecause.RECOVERED, timezone.now())
    Outage.objects.update(started_at=LONG_AGO, ended_at=LONG_AGO)
    delete_expired_runs()
    delete_expired()
    assert not Delivery.objects.exists()


def test_what_is_passed_while_it_waits_is_removed_when_it_is_over(workspace: Workspace) -> None:
    integration = make_integration(workspace)
    for _ in range(3):
        Delivery.enqueue(
            workspace=workspace,
            integration=integration,
            provider=integration.provider,
            stream="test",
            action=Action.CHANGE,
            body={},
        )
    waiting = Delivery.objects.order_by("id")[1]
    finish(Delivery.objects.exclude(pk=waiting.pk), 91)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=91))
    delete_expired()
    assert Delivery.objects.get() == waiting
    assert Installation.this().deliveries_to < waiting.pk
    finish(Delivery.objects.all(), 91)
    delete_expired()
    assert not Delivery.objects.exists()
    assert Installation.this().deliveries_to == waiting.pk


def test_what_waits_is_not_removed(incident: Incident) -> None:
    finish(Delivery.objects.all(), 91)
    incident.close(ClosedBecause.RECOVERED)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=91))
    delete_expired()
    assert Delivery.objects.latest("id").status == DeliveryStatus.PENDING


def test_an_incident_goes_two_years_after_its_end(incident: Incident) -> None:
    long_ago = timezone.now() - timedelta(days=800)
    Incident.objects.update(opened_at=long_ago)
    delete_expired()
    assert Incident.objects.exists()
    incident.close(ClosedBecause.RECOVERED)
    Incident.objects.update(closed_at=long_ago)
    delete_expired()
    assert not Incident.objects.exists()
    assert not Delivery.objects.exists()


def test_an_incident_outlives_its_runs(incident: Incident) -> None:
    monitor = incident.monitor
    assert monitor is not None
    succeed(monitor)
    monitor.runs.update(queued_at=timezone.now() - timedelta(days=91))
    succeed(monitor)
    delete_expired_runs()
    incident.refresh_from_db()
    assert incident.first_run is None
    assert incident.last_run is None
    assert monitor.runs.count() == 1
