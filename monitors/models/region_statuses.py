"""When each region of a monitor last had a run, and from when on it counts as late."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Self, TypeAlias

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from monitors.models.maintenance import MaintenanceWindow
from monitors.models.runs import Run

if TYPE_CHECKING:
    from monitors.models.monitors import Monitor

LateRegions: TypeAlias = "Mapping[uuid.UUID, list[RegionStatus]]"
"""The late regions of each monitor that is late, by the monitor's id."""


class RegionStatusQuerySet(models.QuerySet["RegionStatus"]):
    def late(self, now: datetime) -> Self:
        """The regions that should have had a run by now. A region with a run under way is not late."""
        under_way = Run.objects.leased().filter(
            monitor=OuterRef("monitor"), region=OuterRef("region"), leased_until__gte=now
        )
        watched = Q(monitor__paused_at=None, monitor__deleted_at=None)
        return self.filter(watched, ~Exists(under_way), late_at__lte=now)

    def late_by_monitor(self, now: datetime) -> "LateRegions":
        """The late regions of each monitor, without monitors whose runs a maintenance window skips."""
        found: dict[uuid.UUID, list[RegionStatus]] = defaultdict(list)
        late = self.late(now).select_related("monitor__workspace")
        for status in late.order_by("monitor__name", "region"):
            found[status.monitor_id].append(status)
        monitors = [statuses[0].monitor for statuses in found.values()]
        skipped = MaintenanceWindow.objects.skipped_monitors(monitors, now) if monitors else set()
        return {pk: statuses for pk, statuses in found.items() if pk not in skipped}


class RegionStatus(models.Model):
    """One region of a monitor.

    `late_at` is written with each run, so that readers only compare it with the clock. It stays right when
    every process of Postwatch has died.
    """

    monitor = models.ForeignKey("Monitor", on_delete=models.CASCADE, related_name="region_statuses")
    region = models.CharField(max_length=50)
    since = models.DateTimeField(help_text="When the last run ended, or the schedule began to expect runs.")
    late_at = models.DateTimeField(help_text="When the region becomes late, unless it has a run before.")

    objects = RegionStatusQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "region statuses"
        ordering = ["monitor", "region"]
        constraints = [
            models.UniqueConstraint(fields=["monitor", "region"], name="one_status_per_monitor_and_region")
        ]
        indexes = [models.Index(fields=["late_at"], name="region_statuses_late")]

    def __str__(self) -> str:
        return f"{self.monitor} in {self.region}"

    @classmethod
    def record_run(cls, monitor: "Monitor", region: str, ended_at: datetime, *, late_at: datetime) -> None:
        """Stores that a run ended, unless a later one is known: a run that took long may end after that."""
        # A clock that was set back leaves times ahead of now.
        outdated = Q(since__lt=ended_at) | Q(since__gt=timezone.now())
        statuses = cls.objects.filter(outdated, monitor=monitor, region=region)
        statuses.update(since=ended_at, late_at=late_at)
