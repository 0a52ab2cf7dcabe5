"""What maintenance windows hold back, and what they do not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors import maintenance
from monitors.models import MaintenanceWindow, Monitor
from monitors.scheduling import schedule_due
from tests.factories import make_monitor, make_window
from tests.integrations.factories import deliver_all, fail, make_integration, succeed

pytestmark = pytest.mark.django_db


@pytest.fixture
def window(monitor: Monitor) -> MaintenanceWindow:
    return make_window(monitor.workspace, monitor)


def end(window: MaintenanceWindow) -> None:
    """Turns the clock past the end."""
    MaintenanceWindow.objects.filter(pk=window.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
    schedule_due()


@pytest.mark.parametrize("mode", ["mute", "skip"])
def test_a_failed_run_in_a_window_opens_nothing(
    integration: Integration, monitor: Monitor, mode: str
) -> None:
    make_window(monitor.workspace, monitor, mode=mode)
    fail(monitor)
    assert not Incident.objects.exists()


def test_a_monitor_outside_of_it_pages(integration: Integration, window: MaintenanceWindow) -> None:
    other = make_monitor(window.workspace, "Search")
    make_integration(window.workspace, other)
    fail(other)
    assert Incident.objects.open().exists()


def test_what_was_open_before_resolves_in_the_window(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    make_window(monitor.workspace, monitor)
    succeed(monitor)
    deliver_all()
    assert standin.open_incidents == []


def test_an_outage_that_outlives_the_window_pages_with_the_run_at_its_end(
    integration: Integration, monitor: Monitor, window: MaintenanceWindow
) -> None:
    fail(monitor)
    Monitor.objects.update(next_run_at=timezone.now() + timedelta(hours=5))
    end(window)
    assert monitor.runs.unfinished().count() == 1
    fail(monitor)
    assert Incident.objects.open().count() == 1


def test_an_outage_that_ended_in_the_window_never_pages(
    integration: Integration, monitor: Monitor, window: MaintenanceWindow
) -> None:
    fail(monitor)
    succeed(monitor)
    end(window)
    assert not monitor.runs.unfinished().exists()
    assert not Incident.objects.exists()


def test_failed_runs_in_the_window_count_toward_the_threshold(
    monitor: Monitor, window: MaintenanceWindow
) -> None:
    make_integration(monitor.workspace, monitor, open_after=3)
    for _ in range(2):
        fail(monitor)
    maintenance.end_now(window)
    fail(monitor)
    assert Incident.objects.open().count() == 1
