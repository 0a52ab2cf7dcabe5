"""Which monitors are late: a region of theirs should have had a run since, whatever the reason is.

All of it is computed when somebody reads it, from times that the last run left behind, so that neither a dead
worker nor a dead scheduler can leave a monitor green.
"""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from monitors import maintenance
from monitors.models import Monitor, RegionStatus
from workspaces.models import Workspace

log = logging.getLogger(__name__)

LateRegions = Mapping[uuid.UUID, list[RegionStatus]]
"""By the id of each monitor that is late."""

LOG_AGAIN_AFTER = timedelta(minutes=10)


def late_regions(monitors: Collection[Monitor], now: datetime) -> LateRegions:
    """By monitor, the regions that are late; without monitors in none, and those that a window lets skip."""
    return _without_skipped(RegionStatus.objects.late(now).filter(monitor__in=monitors), now)


def late_in_workspace(workspace: Workspace, now: datetime) -> LateRegions:
    return _without_skipped(RegionStatus.objects.late(now).filter(monitor__workspace=workspace), now)


def set_late_regions(monitors: Iterable[Monitor], late: LateRegions) -> None:
    """Spares the monitors of a list a query each."""
    for monitor in monitors:
        monitor.late_regions = late.get(monitor.pk, [])


def with_late_regions(monitors: Iterable[Monitor]) -> list[Monitor]:
    """The monitors of a list that is not the whole workspace's, with two queries for all."""
    listed = list(monitors)
    set_late_regions(listed, late_regions(listed, timezone.now()))
    return listed


@dataclass(frozen=True)
class LateRegion:
    """A region with the monitors that wait for it."""

    region: str
    monitors: list[Monitor]
    since: datetime
    """When the last of them had its last run."""


def by_region(late: LateRegions) -> list[LateRegion]:
    grouped = defaultdict(list)
    for statuses in late.values():
        for status in statuses:
            grouped[status.region].append(status)
    return [
        LateRegion(region, [status.monitor for status in found], max(status.since for status in found))
        for region, found in sorted(grouped.items())
    ]


class LateRegionLog:
    """Tells operators once when a region begins to be late, again each ten minutes, and when it is over."""

    def __init__(self) -> None:
        self._told: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def report(self, late: Iterable[LateRegion], now: datetime) -> None:
        with self._lock:
            regions = {found.region: found for found in late}
            for region in self._told.keys() - regions.keys():
                log.warning("Region %s: no monitor is late any more.", region)
                del self._told[region]
            for region, found in regions.items():
                last = self._told.get(region)
                if last is None or abs(now - last) >= LOG_AGAIN_AFTER:
                    log.error(
                        "Region %s: %d monitors were due and had no run since %s. Has it a worker?",
                        *(region, len(found.monitors), found.since.isoformat(timespec="seconds")),
                    )
                    self._told[region] = now


_log_of_regions = LateRegionLog()


def log_late_regions(now: datetime) -> None:
    _log_of_regions.report(by_region(_without_skipped(RegionStatus.objects.late(now), now)), now)


def _without_skipped(statuses: Any, now: datetime) -> LateRegions:
    found: dict[uuid.UUID, list[RegionStatus]] = defaultdict(list)
    for status in statuses.select_related("monitor__workspace").order_by("monitor__name", "region"):
        found[status.monitor_id].append(status)
    monitors = [late[0].monitor for late in found.values()]
    skipped = maintenance.skipped(monitors, now) if monitors else set()
    return {pk: late for pk, late in found.items() if pk not in skipped}
