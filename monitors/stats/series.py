"""What is counted of a monitor's runs in each bucket of a range, by region."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.utils.functional import cached_property

from monitors.figures import Figures
from monitors.figures.tallies import read_slots
from monitors.models import Monitor, Result, Run
from monitors.models.rollups import Period, RollUp, RollUpQuerySet
from monitors.stats.ranges import DAY, HOUR, SLOT, TimeRange

MAX_RUNS = 5000
"""How many runs are read for one answer. Where there were more, roll-ups have to do."""

Series = dict[str, list[Figures]]
"""The figures of each bucket, by region."""


class FiguresReader:
    """Reads the figures of one monitor. Each range takes three queries at most, whatever its length."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._read: dict[tuple[datetime, datetime, timedelta], tuple[TimeRange, Series]] = {}

    def series(self, chosen: TimeRange) -> tuple[TimeRange, Series]:
        """The figures of a range in its buckets, or in longer ones where no short ones are known.

        What was read before is not read again. Do not change it.
        """
        key = (chosen.since, chosen.until, chosen.bucket)
        if key not in self._read:
            self._read[key] = self._series(chosen)
        return self._read[key]

    def _series(self, chosen: TimeRange) -> tuple[TimeRange, Series]:
        if chosen.bucket < SLOT:
            series = self._from_runs(chosen)
            if series is not None:
                return chosen, series
            chosen = chosen.with_buckets(SLOT)
        return chosen, self._from_roll_ups(chosen)

    def _from_runs(self, chosen: TimeRange) -> Series | None:
        """Counts the runs themselves; None when there are too many, or some of them are deleted already."""
        whole_hours = chosen.with_buckets(HOUR)
        hours = self._roll_ups(Period.HOUR, whole_hours).defer("histogram", "slots", "requests")
        counted = list(hours)
        expected = sum(hour.figures.runs for hour in counted)
        if not expected:
            return {}
        if expected > MAX_RUNS:
            return None
        runs = (
            Run.objects.filter(
                monitor=self._monitor,
                # There is no index on times, and the roll-ups know where to look.
                id__gte=min(hour.first_run_id for hour in counted),
                id__lte=max(hour.last_run_id for hour in counted),
                finished_at__gte=whole_hours.since,
                finished_at__lt=whole_hours.until,
            )
            .exclude(result=Result.CANCELED)  # roll-ups do not count them
            .order_by()
            .values_list("region", "finished_at", "result", "response_time_ms", "request_count")
        )
        found = list(runs[: MAX_RUNS + 1])
        if len(found) != expected:
            return None
        series = Collected(chosen)
        for region, finished_at, result, response_time, requests in found:
            if finished_at and (figures := series.at(region, finished_at)):
                figures.add(result, response_time if requests else None)
        return series.by_region

    def _from_roll_ups(self, chosen: TimeRange) -> Series:
        series = Collected(chosen)
        for region, start, figures in self._parts(chosen):
            if (collected := series.at(region, start)) is not None:
                collected.merge(figures)
        return series.by_region

    def _parts(self, chosen: TimeRange) -> Iterator[tuple[str, datetime, Figures]]:
        """Region, start and figures of the parts that the buckets are made of."""
        if chosen.bucket < HOUR:
            hours = self._roll_ups(Period.HOUR, chosen.with_buckets(HOUR)).defer("histogram", "requests")
            yield from _slots(hours)
            return
        days = self._roll_ups(Period.DAY, chosen.with_buckets(DAY))
        if chosen.bucket < DAY:
            yield from _slots(days.defer("histogram", "requests"))
        else:
            yield from ((day.region, day.start, day.figures) for day in days.defer("slots", "requests"))
        for hour in self._open_hours:
            yield hour.region, hour.start, hour.figures

    def _roll_ups(self, period: Period, span: TimeRange) -> RollUpQuerySet:
        return RollUp.objects.filter(monitor=self._monitor).between(period, span.since, span.until).order_by()

    @cached_property
    def _open_hours(self) -> list[RollUp]:
        """The hours that days do not hold yet: the latest one of each region."""
        hours = RollUp.objects.filter(monitor=self._monitor, is_open=True)
        return list(hours.order_by().defer("slots", "requests"))


class Collected:
    """Figures by region and bucket."""

    def __init__(self, chosen: TimeRange) -> None:
        self._range = chosen
        self._count = chosen.duration // chosen.bucket
        self.by_region: Series = {}

    def at(self, region: str, time: datetime) -> Figures | None:
        """The figures of the bucket in which a time is; None outside of the range."""
        number = self._range.number_of(time)
        if number is None:
            return None
        if region not in self.by_region:
            self.by_region[region] = [Figures() for _ in range(self._count)]
        return self.by_region[region][number]


def _slots(roll_ups: Iterable[RollUp]) -> Iterator[tuple[str, datetime, Figures]]:
    for roll_up in roll_ups:
        duration = Period(roll_up.period).slot
        for slot, figures in read_slots(roll_up.slots).items():
            yield roll_up.region, roll_up.start + slot * duration, figures
