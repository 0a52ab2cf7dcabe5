"""Muting a monitor for an hour, four hours, or until tomorrow."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from monitors import maintenance
from monitors.models import MaintenanceWindow, Monitor
from monitors.muting import MuteFor, mute
from tests.factories import make_monitor
from workspaces.models import Workspace

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


@pytest.mark.parametrize(("length", "hours"), [(MuteFor.HOUR, 1), (MuteFor.HOURS, 4)])
def test_hours_are_counted_from_now(length: MuteFor, hours: int) -> None:
    assert length.until(NOW) == NOW + timedelta(hours=hours)


def test_tomorrow_begins_where_the_person_is() -> None:
    assert MuteFor.TOMORROW.until(NOW) == datetime(2026, 12, 1, 8, tzinfo=UTC)
    with timezone.override(zoneinfo.ZoneInfo("Asia/Tokyo")):
        assert MuteFor.TOMORROW.until(NOW) == datetime(2026, 12, 1, 23, tzinfo=UTC)


def test_it_adds_a_maintenance_window_of_the_monitor_alone(workspace: Workspace, monitor: Monitor) -> None:
    other = make_monitor(workspace, "Search")
    until = timezone.now() + timedelta(hours=1)
    assert mute(monitor, until, by="Ada") == until
    window = MaintenanceWindow.objects.get()
    assert (window.name, window.mode, window.ends_at) == ("Muted by Ada", "mute", until)
    assert maintenance.is_muted(monitor, timezone.now())
    assert not maintenance.is_muted(other, timezone.now())


def test_one_that_is_muted_for_longer_stays_muted(monitor: Monitor) -> None:
    now = timezone.now()
    until = mute(monitor, now + timedelta(hours=4), by="Ada")
    assert mute(monitor, now + timedelta(hours=1), by="Grace") == until
    assert MaintenanceWindow.objects.count() == 1


def test_one_that_is_muted_is_muted_for_longer(monitor: Monitor) -> None:
    now = timezone.now()
    mute(monitor, now + timedelta(hours=1), by="Ada")
    until = mute(monitor, now + timedelta(hours=4), by="Grace")
    window = MaintenanceWindow.objects.active_by_monitor([monitor], now + timedelta(minutes=5))[monitor.pk]
    assert window.ends_at == until
