"""Monitors as rows with what their last runs say."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from monitors import lateness
from monitors.models import MaintenanceWindow, Monitor, Run
from monitors.models.region_statuses import LateRegions
from monitors.templatetags.runs import BARS


@dataclass(frozen=True)
class MonitorRow:
    monitor: Monitor
    runs: list[Run]
    slowest_ms: int
    """Of all rows, so that their strips share a scale."""
    window: MaintenanceWindow | None
    """The maintenance window that it is in."""


def monitor_rows(monitors: Iterable[Monitor], late: LateRegions) -> list[MonitorRow]:
    """Four queries more at most than the monitors themselves, however many there are."""
    monitors = list(monitors)
    lateness.set_late_regions(monitors, late)
    runs = Run.objects.latest_of(monitors, BARS)
    slowest_ms = max((run.response_time_ms for last in runs.values() for run in last), default=0)
    windows = MaintenanceWindow.objects.active_by_monitor(monitors, timezone.now())
    return [
        MonitorRow(monitor, runs[monitor.pk], slowest_ms, windows.get(monitor.pk)) for monitor in monitors
    ]
