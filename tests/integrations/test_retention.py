"""Deliveries and incidents are removed when they ended long ago, and never what an open incident needs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import ClosedBecause, Delivery, DeliveryStatus, Incident
from integrations.tasks import delete_expired
from monitors.tasks import delete_expired as delete_expired_runs
from tests.factories import make_monitor
from tests.integrations.factories import fail, make_integration, succeed
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


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


def test_old_deliveries_of_a_closed_incident_go(incident: Incident) -> None:
    finish(Delivery.objects.all(), 91)
    incident.close(ClosedBecause.RECOVERED)
    finish(Delivery.objects.filter(action="resolve"), 89)
    delete_expired()
    assert list(Delivery.objects.values_list("action", flat=True)) == ["resolve"]
    assert Incident.objects.exists()


def test_what_waits_is_not_removed(incident: Incident) -> None:
    finish(Delivery.objects.all(), 91)
    incident.close(ClosedBecause.RECOVERED)
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=91))
    delete_expired()
    assert Delivery.objects.get().status == DeliveryStatus.PENDING


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
