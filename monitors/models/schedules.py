"""When a monitor runs: a cron expression, a time zone, and a second of the minute of its own."""

from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator
from django.db import models

from monitors import cron

MIN_LATENESS = timedelta(minutes=2)
"""The shortest time without a run after which a region is late."""

SECONDS = 60


class Scheduled(models.Model):
    """The schedule of a model with a UUID as its primary key.

    `second` spreads the starts of monitors with the same expression over the minute. It is derived from the
    primary key, unless somebody chooses another one.
    """

    cron = models.CharField("schedule", max_length=100, default="*/5 * * * *", help_text="Five cron fields.")
    timezone = models.CharField("time zone", max_length=64, default="UTC")
    second = models.PositiveSmallIntegerField(
        "second of the minute",
        blank=True,
        validators=[MaxValueValidator(SECONDS - 1)],
        help_text="The second at which it starts. Monitors have different ones, so that they do not all "
        "start at once.",
    )

    class Meta:
        abstract = True

    def choose_second(self) -> None:
        """Sets the second, without saving, unless it has one. Every monitor has its own for good."""
        if self.second is None:
            self.second = self.pk.int % SECONDS

    def next_times(self, after: datetime, count: int = 1) -> list[datetime]:
        """The next start times, each later than the one before. Raises ValueError."""
        return cron.next_times(self.cron, self.timezone, after, count, self.second or 0)

    def late_at(self, since: datetime) -> datetime:
        """When a region without a run since then becomes late: at the second due time after `since`."""
        try:
            _, later = self.next_times(since, 2)
        except ValueError:  # a time zone may vanish with an update
            return since + MIN_LATENESS
        return max(later, since + MIN_LATENESS)
