"""Roll-ups: what is counted of the runs of each monitor, by region, hour and day. They outlive the runs."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from monitors.figures import Figures, Histogram, Tally
from monitors.figures.tallies import RESULTS, columns_of, read_requests, read_slots
from monitors.figures.varints import Reader

if TYPE_CHECKING:
    from monitors.models.monitors import Monitor

MAX_NAMES = 1000
"""How many requests of a monitor are known by name, those of former versions of its collection included."""

KEPT_BY_HOUR = timedelta(days=40)
"""How long closed hours are of use: days hold each hour, too, and tell of longer ranges."""


class Period(models.TextChoices):
    """How long a roll-up is. Its parts (`Tally.slots`) are six of ten minutes, or 24 of an hour."""

    HOUR = "hour", "Hour"
    DAY = "day", "Day"

    @property
    def duration(self) -> timedelta:
        return timedelta(hours=1) if self is Period.HOUR else timedelta(days=1)

    @property
    def slot(self) -> timedelta:
        """How long a part is."""
        return timedelta(minutes=10) if self is Period.HOUR else timedelta(hours=1)

    def start_of(self, time: datetime) -> datetime:
        """When the hour or the day (in UTC) began in which a time is."""
        whole = time.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return whole if self is Period.HOUR else whole.replace(hour=0)

    def slot_of(self, time: datetime) -> int:
        """The number of the part in which a time is."""
        return (time - self.start_of(time)) // self.slot


class RollUpQuerySet(models.QuerySet["RollUp"]):
    def of(self, monitor: "Monitor", region: str, period: Period) -> Self:
        return self.filter(monitor=monitor, region=region, period=period)

    def between(self, period: Period, since: datetime, until: datetime) -> Self:
        """Those that begin in a span. It is in whole hours or days."""
        return self.filter(period=period, start__gte=since, start__lt=until)

    def run_ids(self, monitor: "Monitor", since: datetime, until: datetime) -> tuple[int, int]:
        """Between which ids the runs of a monitor are that ended in a span; (1, 0) when there are none.

        It takes the place of an index on times, which each run would have to write.
        """
        roll_ups = self.between(Period.HOUR, Period.HOUR.start_of(since), until)
        if since < timezone.now() - KEPT_BY_HOUR:
            roll_ups |= self.between(Period.DAY, Period.DAY.start_of(since), until)
        found = roll_ups.filter(monitor=monitor).aggregate(
            first=models.Min("first_run_id"), last=models.Max("last_run_id")
        )
        return found["first"] or 1, found["last"] or 0


class RollUp(models.Model):
    """One hour or one day (in UTC) of one monitor in one region.

    A run belongs to the hour in which it ended. An hour grows with each run while it is open. When the next
    one begins, `monitors.rollups` closes it, which adds it to its day. So a run writes one row and not two.
    """

    monitor = models.ForeignKey("Monitor", on_delete=models.CASCADE, related_name="roll_ups", db_index=False)
    region = models.CharField(max_length=50)
    period = models.CharField(max_length=4, choices=Period)
    start = models.DateTimeField()
    is_open = models.BooleanField(default=False, help_text="An hour that its day does not hold yet.")

    successful = models.PositiveIntegerField(default=0)
    failure = models.PositiveIntegerField(default=0)
    error = models.PositiveIntegerField(default=0)
    abort = models.PositiveIntegerField(default=0)
    system_error = models.PositiveIntegerField(default=0)
    response_time_sum = models.PositiveBigIntegerField(
        default=0, help_text="Of the successful runs, in milliseconds."
    )
    first_run_id = models.PositiveBigIntegerField(default=0, help_text="The lowest id of its runs.")
    last_run_id = models.PositiveBigIntegerField(default=0, help_text="The highest id of its runs.")
    histogram = models.BinaryField(help_text="Response times of the successful runs.")
    slots = models.BinaryField(help_text="The same figures by parts of the time.")
    requests = models.BinaryField(help_text="Figures of each request of the collection.")

    objects = RollUpQuerySet.as_manager()

    class Meta:
        verbose_name = "roll-up"
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(
                fields=["monitor", "region", "period", "start"], name="one_roll_up_per_span"
            )
        ]
        indexes = [
            # Old rows are deleted by their start, after different times for hours and days.
            models.Index(fields=["period", "start"], name="roll_ups_by_age"),
            models.Index(fields=["monitor"], condition=models.Q(is_open=True), name="roll_ups_open"),
        ]

    def __str__(self) -> str:
        return f"{self.monitor} in {self.region}, {self.period} from {self.start:%Y-%m-%d %H:%M}"

    @property
    def figures(self) -> Figures:
        """The whole span in figures. It needs neither `slots` nor `requests`."""
        results = {result: getattr(self, result) for result in RESULTS if getattr(self, result)}
        histogram = Histogram.read(Reader(self.histogram)) if self.histogram else Histogram()
        return Figures(results, self.response_time_sum, histogram)

    @property
    def tally(self) -> Tally:
        """Everything in the row."""
        return Tally(
            self.figures,
            read_slots(self.slots),
            read_requests(self.requests),
            self.first_run_id,
            self.last_run_id,
        )

    @tally.setter
    def tally(self, tally: Tally) -> None:
        for name, value in columns_of(tally).items():
            setattr(self, name, value)


class RequestNameQuerySet(models.QuerySet["RequestName"]):
    def remember(self, monitor: "Monitor", names: dict[int, tuple[str, str]]) -> None:
        """Stores what is not known yet. `names` are folder and name by the request's key."""
        known = set(self.filter(monitor=monitor).values_list("key", flat=True))
        rows = [
            RequestName(monitor=monitor, key=key, folder=folder[:500], name=name[:255])
            for key, (folder, name) in names.items()
            if key not in known
        ]
        self.bulk_create(rows[: max(0, MAX_NAMES - len(known))], ignore_conflicts=True)

    def of(self, monitor: "Monitor", keys: Collection[int]) -> dict[int, "RequestName"]:
        """The names of a monitor's requests, by key."""
        return {row.key: row for row in self.filter(monitor=monitor, key__in=keys)}


class RequestName(models.Model):
    """The name of a request in the roll-ups of a monitor, which know it by its key."""

    monitor = models.ForeignKey(
        "Monitor", on_delete=models.CASCADE, related_name="request_names", db_index=False
    )
    key = models.BigIntegerField()
    folder = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=255)

    objects = RequestNameQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["monitor", "key"], name="one_name_per_request")]

    def __str__(self) -> str:
        return self.name
