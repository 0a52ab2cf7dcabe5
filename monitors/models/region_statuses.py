"""When each region of a monitor last had a run, and from when on it counts as late."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef, Q

from monitors.models.runs import Run


class RegionStatusQuerySet(models.QuerySet["RegionStatus"]):
    def late(self, now: datetime) -> "RegionStatusQuerySet":
        """Those that should have had a run since. One that a worker has under way is none of them."""
        under_way = Run.objects.leased().filter(
            monitor=OuterRef("monitor"), region=OuterRef("region"), leased_until__gte=now
        )
        watched = Q(monitor__paused_at=None, monitor__deleted_at=None)
        return self.filter(watched, ~Exists(under_way), late_at__lte=now)


class RegionStatus(models.Model):
    """One region of a monitor. `late_at` is written with each run, so that a reader only compares it with the
    clock: it needs no process that is alive."""

    monitor = models.ForeignKey("Monitor", on_delete=models.CASCADE, related_name="region_statuses")
    region = models.CharField(max_length=50)
    since = models.DateTimeField(help_text="When the last run ended, or a schedule began to ask for runs.")
    late_at = models.DateTimeField(help_text="When the region is late, if it has no run until then.")

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
