"""Which monitors are late: they should have had a run in one of their regions, and had none.

It is computed when somebody asks, from times that the last run stored. So a monitor cannot stay green because
a worker or the scheduler is dead.
"""

import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef
from django.utils import timezone

from monitors.models import Monitor, RegionStatus
from monitors.models.monitor_states import MonitorState
from monitors.models.region_statuses import LateRegions, RegionStatusQuerySet
from workspaces.id_lists import with_pk_in
from workspaces.models import Workspace

log = logging.getLogger(__name__)

LOG_INTERVAL = timedelta(minutes=10)


def late_regions(monitors: Collection[Monitor], now: datetime) -> LateRegions:
    """The late regions of these monitors, without monitors whose runs a maintenance window skips."""
    return RegionStatus.objects.filter(monitor__in=monitors).late_by_monitor(now)


def late_in_workspace(workspace: Workspace, now: datetime) -> set[uuid.UUID]:
    """The ids of all late monitors of a workspace."""
    return RegionStatus.objects.filter(monitor__workspace=workspace).late_monitors(now)


def failing_in_workspace(workspace: Workspace, now: datetime) -> int:
    """How many monitors fail, without those that are late: what these show is from before."""
    failing = Monitor.objects.for_workspace(workspace).in_state(MonitorState.FAILING, frozenset())
    late = Exists(RegionStatus.objects.late(now).filter(monitor=OuterRef("pk")))
    counts = failing.aggregate(all=Count("pk"), late=Count("pk", filter=late))
    if not counts["late"]:
        return int(counts["all"])
    # Monitors whose runs a maintenance window skips are not late.
    statuses = RegionStatus.objects.filter(monitor__workspace=workspace, monitor__failing_since__isnull=False)
    return int(counts["all"]) - len(statuses.late_monitors(now))


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
    """A region in which monitors are late."""

    region: str
    count: int
    """How many are."""
    since: datetime
    """When the last run of any of them ended."""
    monitor: Monitor | None = None
    """The late one, where it is the only one."""


def by_region(late: LateRegions) -> list[LateRegion]:
    """The late regions, sorted by name."""
    grouped = defaultdict(list)
    for statuses in late.values():
        for status in statuses:
            grouped[status.region].append(status.since)
    return [LateRegion(region, len(times), max(times)) for region, times in sorted(grouped.items())]


def regions_of(late: AbstractSet[uuid.UUID], now: datetime) -> list[LateRegion]:
    """The late regions of late monitors, sorted by name. The database counts them: they may be many."""
    if not late:
        return []
    statuses = RegionStatus.objects.filter(with_pk_in(late, "monitor")).late(now)
    counted = statuses.order_by("region").values_list("region").annotate(Count("pk"), Max("since"))
    return [
        LateRegion(region, count, since, _monitor_of(statuses.filter(region=region)) if count == 1 else None)
        for region, count, since in counted
    ]


def _monitor_of(statuses: RegionStatusQuerySet) -> Monitor | None:
    status = statuses.select_related("monitor__workspace").first()
    return status.monitor if status else None


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
                log.warning("Region %s has recovered: no monitor is late.", region)
                del self._logged_at[region]
            for region, found in regions.items():
                last = self._logged_at.get(region)
                if last is None or abs(now - last) >= LOG_INTERVAL:
                    log.error(
                        "Region %s is late: %d monitors are due and had no run since %s. Has it a worker?",
                        *(region, found.count, found.since.isoformat(timespec="seconds")),
                    )
                    self._logged_at[region] = now


_log_of_regions = LateRegionLog()


def log_late_regions(late: LateRegions, now: datetime) -> None:
    """Reports the late regions of all workspaces to the log. Call regularly."""
    _log_of_regions.report(by_region(late), now)
