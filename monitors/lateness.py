"""Which monitors are late: they should have had a run in one of their regions, and had none.

It is computed when somebody asks, from times that the last run stored. So a monitor cannot stay green because
a worker or the scheduler is dead.
"""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from monitors import maintenance
from monitors.models import Monitor, RegionStatus
from monitors.models.region_statuses import RegionStatusQuerySet
from workspaces.models import Workspace

log = logging.getLogger(__name__)

LateRegions = Mapping[uuid.UUID, list[RegionStatus]]
"""The late regions, by the id of their monitor."""

LOG_INTERVAL = timedelta(minutes=10)


def late_regions(monitors: Collection[Monitor], now: datetime) -> LateRegions:
    """The late regions of these monitors, without monitors whose runs a maintenance window skips."""
    return _without_skipped(RegionStatus.objects.late(now).filter(monitor__in=monitors), now)


def late_in_workspace(workspace: Workspace, now: datetime) -> LateRegions:
    """The late regions of all monitors of a workspace."""
    return _without_skipped(RegionStatus.objects.late(now).filter(monitor__workspace=workspace), now)


def set_late_regions(monitors: Iterable[Monitor], late: LateRegions) -> None:
    """Sets `late_regions` of the monitors of a list, which saves a query for each."""
    for monitor in monitors:
        monitor.late_regions = late.get(monitor.pk, [])


def with_late_regions(monitors: Iterable[Monitor]) -> list[Monitor]:
    """The monitors with their `late_regions` set, by two queries for all."""
    listed = list(monitors)
    set_late_regions(listed, late_regions(listed, timezone.now()))
    return listed


@dataclass(frozen=True)
class LateRegion:
    """A region with its late monitors."""

    region: str
    monitors: list[Monitor]
    since: datetime
    """When the last run of any of them ended."""


def by_region(late: LateRegions) -> list[LateRegion]:
    """The late regions, sorted by name."""
    grouped = defaultdict(list)
    for statuses in late.values():
        for status in statuses:
            grouped[status.region].append(status)
    return [
        LateRegion(region, [status.monitor for status in found], max(status.since for status in found))
        for region, found in sorted(grouped.items())
    ]


class LateRegionLog:
    """Logs when a region becomes late, every ten minutes while it is late, and when it no longer is."""

    def __init__(self) -> None:
        self._logged_at: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def report(self, late: Iterable[LateRegion], now: datetime) -> None:
        """Logs what changed. `late` are the regions that are late now."""
        with self._lock:
            regions = {found.region: found for found in late}
            for region in self._logged_at.keys() - regions.keys():
                log.warning("Region %s: no monitor is late any more.", region)
                del self._logged_at[region]
            for region, found in regions.items():
                last = self._logged_at.get(region)
                if last is None or abs(now - last) >= LOG_INTERVAL:
                    log.error(
                        "Region %s: %d monitors were due and had no run since %s. Is a worker running?",
                        *(region, len(found.monitors), found.since.isoformat(timespec="seconds")),
                    )
                    self._logged_at[region] = now


_log_of_regions = LateRegionLog()


def log_late_regions(now: datetime) -> None:
    """Reports the late regions of all workspaces to the log. Call regularly."""
    _log_of_regions.report(by_region(_without_skipped(RegionStatus.objects.late(now), now)), now)


def _without_skipped(statuses: RegionStatusQuerySet, now: datetime) -> LateRegions:
    found: dict[uuid.UUID, list[RegionStatus]] = defaultdict(list)
    for status in statuses.select_related("monitor__workspace").order_by("monitor__name", "region"):
        found[status.monitor_id].append(status)
    monitors = [late[0].monitor for late in found.values()]
    skipped = maintenance.skipped(monitors, now) if monitors else set()
    return {pk: late for pk, late in found.items() if pk not in skipped}
