"""Runs in a row that failed or passed, as each integration counts them."""

from typing import Self

from django.db import models
from django.db.models import Q

from integrations.models.integrations import Integration
from monitors.models import Monitor, Result, Run


class RegionStreakQuerySet(models.QuerySet["RegionStreak"]):
    def unsettled(self) -> Self:
        """Those that a good run changes."""
        return self.filter(Q(is_failing=True) | Q(consecutive_failures__gt=0))


class RegionStreak(models.Model):
    """The runs in a row of a monitor in one region, as an integration counts them.

    There is none before the first failed run.
    """

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="region_streaks")
    monitor = models.ForeignKey(Monitor, on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=50)
    consecutive_failures = models.PositiveIntegerField(default=0)
    consecutive_passes = models.PositiveIntegerField(default=0)
    is_failing = models.BooleanField(default=False)
    failures_notified = models.PositiveIntegerField(
        default=0, help_text="How many of the failed runs in a row made an event, if each run may make one."
    )

    objects = RegionStreakQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "monitor", "region"], name="one_streak_per_region")
        ]

    def __str__(self) -> str:
        return f"{self.monitor} in {self.region}"

    @classmethod
    def of(cls, integration: Integration, run: Run) -> "RegionStreak":
        """The stored one, or a new one that `count` stores."""
        keys = {"monitor_id": run.monitor_id, "region": run.region}
        streak = cls.objects.filter(integration=integration, **keys).first()
        if streak is None:
            return cls(integration=integration, **keys)
        streak.integration = integration
        return streak

    def count(self, run: Run) -> None:
        """Counts a finished run. A result that does not count as failed does not count as passed either."""
        if run.result in self.integration.failed_results:
            self.consecutive_failures += 1
            self.consecutive_passes = 0
            self.is_failing = self.is_failing or self.consecutive_failures >= self.integration.open_after
        elif run.result == Result.SUCCESSFUL:
            self.consecutive_passes += 1
            self.consecutive_failures = 0
            self.failures_notified = 0
            self.is_failing = self.is_failing and self.consecutive_passes < self.integration.close_after
        self.save()

    def record_notified(self) -> None:
        self.failures_notified += 1
        self.save(update_fields=["failures_notified"])
