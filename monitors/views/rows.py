"""Monitors as rows with what their last runs say."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from monitors import lateness
from monitors.models import MaintenanceWindow, Monitor, Run
from monitors.models.region_statuses import LateRegions
from monitors.models.runs import RunBar
from monitors.templatetags.strips import BARS, typical_ms


@dataclass(frozen=True)
class MonitorRow:
    monitor: Monitor
    runs: list[RunBar]
    window: MaintenanceWindow | None
    """The maintenance window that it is in."""

    @property
    def typical_ms(self) -> int:
        """The 95th percentile of the response times of its last good runs."""
        return typical_ms(self.runs)


def monitor_rows(monitors: Iterable[Monitor], late: LateRegions) -> list[MonitorRow]:
    """Four queries more at most than the monitors themselves, however many there are."""
    monitors = list(monitors)
    lateness.set_late_regions(monitors, late)
    runs = Run.objects.bars_of(monitors, BARS)
    windows = MaintenanceWindow.objects.active_by_monitor(monitors, timezone.now())
    return [MonitorRow(monitor, runs[monitor.pk], windows.get(monitor.pk)) for monitor in monitors]
