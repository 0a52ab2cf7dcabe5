"""Gaps: the spans in which a monitor was not watched, so that nothing can be said about its target."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from monitors.models.monitors import Monitor


class GapReason(models.TextChoices):
    """Why nothing ran."""

    LATE = "late", "Late: nothing ran"
    PAUSED = "paused", "Paused"
    SKIPPED = "skipped", "Skipped by maintenance"


class GapQuerySet(models.QuerySet["Gap"]):
    def within(self, monitors: "Collection[Monitor]", since: datetime, until: datetime) -> Self:
        """The gaps of these monitors that reach into a span."""
        return self.filter(monitor__in=monitors, ended_at__gt=since, started_at__lt=until)

    def end_pause(self, monitor: "Monitor", now: datetime) -> None:
        """Stores the pause of a monitor that is resumed."""
        if monitor.paused_at and monitor.paused_at < now:  # the clock may have been set back
            self.create(monitor=monitor, reason=GapReason.PAUSED, started_at=monitor.paused_at, ended_at=now)


class Gap(models.Model):
    """A gap that has ended. One that lasts is known by `RegionStatus` and `Monitor.paused_at`."""

    monitor = models.ForeignKey("Monitor", on_delete=models.CASCADE, related_name="gaps", db_index=False)
    region = models.CharField(max_length=50, blank=True, help_text="Empty for all regions.")
    reason = models.CharField(max_length=10, choices=GapReason)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    objects = GapQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(started_at__lt=models.F("ended_at")), name="gaps_end_after_start"
            )
        ]
        indexes = [models.Index(fields=["monitor", "ended_at"], name="gaps_of_monitor")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.monitor}"
