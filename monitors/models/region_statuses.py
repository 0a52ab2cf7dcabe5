"""When each region of a monitor last had a run, and since when it is late or skipped."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Self, TypeAlias

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from monitors.models.gaps import Gap, GapReason
from monitors.models.maintenance import MaintenanceWindow, Mode
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

    def late_monitors(self, now: datetime) -> set[uuid.UUID]:
        """The ids of the monitors that `late_by_monitor` finds. It reads nothing else: they may be many."""
        late = self.late(now).order_by()
        found = set(late.values_list("monitor", flat=True))
        skipping = MaintenanceWindow.objects.active(now).filter(mode=Mode.SKIP)
        if found and skipping.exists():
            covered = late.filter(monitor__workspace__in=skipping.values("workspace"))
            monitors = [status.monitor for status in covered.select_related("monitor")]
            found -= MaintenanceWindow.objects.skipped_monitors(monitors, now)
        return found

    def store_gaps(self, now: datetime) -> None:
        """Stores the gaps of these regions, up to now. Call it before what tells of them is replaced."""
        with_gaps = self.filter(Q(late_at__lt=now) | Q(skipped_at__isnull=False)).select_related("monitor")
        Gap.objects.bulk_create(gap for status in with_gaps for gap in status.gaps(now))

    def expect_runs(self, since: datetime, *, late_at: datetime) -> None:
        """Expects runs from `since` on."""
        self.store_gaps(since)
        self.update(since=since, late_at=late_at, skipped_at=None)

    def skip_runs(self, now: datetime, *, late_at: datetime) -> None:
        """Notes that a run was skipped now. Late regions are stored before, by `store_gaps`."""
        skipped_at = Coalesce("skipped_at", Value(now, models.DateTimeField()))
        self.update(since=now, late_at=late_at, skipped_at=skipped_at)


class RegionStatus(models.Model):
    """One region of a monitor.

    `late_at` is written with each run, so that readers only compare it with the clock. It stays right when
    every process of Postwatch has died.
    """

    monitor = models.ForeignKey("Monitor", on_delete=models.CASCADE, related_name="region_statuses")
    region = models.CharField(max_length=50)
    since = models.DateTimeField(help_text="When the last run ended, or the schedule began to expect runs.")
    late_at = models.DateTimeField(help_text="When the region becomes late, unless it has a run before.")
    skipped_at = models.DateTimeField(
        null=True, help_text="When a maintenance window skipped the first of the runs since the last one."
    )
    added_at = models.DateTimeField(default=timezone.now, help_text="Since when the monitor has the region.")

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
    def watch(cls, monitor: "Monitor") -> None:
        """Makes a status for each region of a monitor, and deletes those of other regions."""
        now = timezone.now()
        statuses = cls.objects.filter(monitor=monitor)
        known = set(statuses.values_list("region", flat=True))
        if known - set(monitor.regions):
            gone = statuses.exclude(region__in=monitor.regions)
            gone.store_gaps(now)
            gone.delete()
        late_at = monitor.late_at(now)
        missing = [
            RegionStatus(monitor=monitor, region=region, since=now, late_at=late_at, added_at=now)
            for region in dict.fromkeys(monitor.regions)
            if region not in known
        ]
        # Two requests that save the monitor at once must add a region once.
        cls.objects.bulk_create(missing, ignore_conflicts=True)

    @classmethod
    def record_run(cls, monitor: "Monitor", run: Run, *, late_at: datetime) -> None:
        """Stores that a run ended, unless a later one is known: a run that took long may end after that."""
        ended_at = run.finished_at or timezone.now()
        started_at = run.started_at or ended_at
        # A clock that was set back leaves times ahead of now.
        outdated = Q(since__lt=ended_at) | Q(since__gt=timezone.now())
        statuses = cls.objects.filter(outdated, monitor=monitor, region=run.region)
        watched = statuses.filter(late_at__gte=started_at, skipped_at=None)
        if not watched.update(since=ended_at, late_at=late_at):
            statuses.store_gaps(started_at)
            statuses.update(since=ended_at, late_at=late_at, skipped_at=None)

    def gaps(self, now: datetime) -> list[Gap]:
        """The spans up to now in which the region was not watched, and that are not stored yet."""
        until = min(now, self.monitor.paused_at or now)
        spans = [(GapReason.LATE, self.late_at, until)]
        if self.skipped_at is not None:
            spans.append((GapReason.SKIPPED, self.skipped_at, min(self.late_at, until)))
        return [
            Gap(monitor=self.monitor, region=self.region, reason=reason, started_at=start, ended_at=end)
            for reason, start, end in spans
            if start < end
        ]
