"""Reminders while an outage lasts: the same incident, sent again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import tasks
from integrations.models import Delivery, Incident, Installation, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.factories import make_window
from tests.integrations.factories import deliver_all, fail, make_integration

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration(monitor: Monitor, standin: StandIn) -> Integration:
    return make_integration(monitor.workspace, monitor, remind_every_hours=4)


def fail_after(monitor: Monitor, hours: float) -> None:
    """The next failed run, that long after the last notification."""
    Incident.objects.update(last_notified_at=timezone.now() - timedelta(hours=hours))
    fail(monitor)
    deliver_all()


@pytest.mark.parametrize(("hours", "events"), [(3.9, 1), (4.1, 2)])
def test_it_reminds_when_it_is_time(
    integration: Integration, monitor: Monitor, standin: StandIn, hours: float, events: int
) -> None:
    fail(monitor)
    deliver_all()
    fail_after(monitor, hours)
    assert len(standin.events) == events
    assert len(standin.incidents) == 1


def test_it_reminds_again_and_again(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    fail(monitor)
    deliver_all()
    for _ in range(3):
        fail_after(monitor, 5)
        fail(monitor)
    assert len(standin.events) == 4
    assert standin.events[-1]["body"]["payload"]["custom_details"]["failed_run_in_this_outage"] == 6


def test_one_that_a_downtime_kept_back_waits_for_a_fresh_failed_run(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    five_hours_ago = timezone.now() - timedelta(hours=5)
    Incident.objects.update(last_notified_at=five_hours_ago, opened_at=five_hours_ago)
    fail(monitor)
    Delivery.objects.waiting().update(created_at=timezone.now() - timedelta(hours=1))
    Installation.this().record_sweep(timezone.now() - timedelta(hours=1))
    tasks.sweep_deliveries()
    deliver_all()
    assert len(standin.events) == 1
    fail(monitor)
    deliver_all()
    assert len(standin.events) == 2


def test_what_people_resolved_too_early_comes_back(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    standin.account.set_status(1, "resolved")
    fail_after(monitor, 5)
    assert [incident["status"] for incident in standin.incidents] == ["resolved", "triggered"]


def test_what_is_still_on_its_way_needs_no_reminder(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 500}])
    fail(monitor)
    deliver_all()
    fail_after(monitor, 5)
    assert integration.deliveries.count() == 1


def test_it_does_not_remind_while_paused_or_in_maintenance(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    window = make_window(monitor.workspace, monitor)
    fail_after(monitor, 5)
    window.delete()
    integration.pause(close_incidents=False)
    fail_after(monitor, 5)
    assert len(standin.events) == 1
