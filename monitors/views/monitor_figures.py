"""The four figures of a monitor's page."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from monitors.figures import Figures
from monitors.models import Monitor
from monitors.stats import sum_of
from monitors.stats.ranges import DAY, HOUR, TimeRange, named_range
from monitors.stats.series import FiguresReader, Series
from monitors.stats.uptime import Watch
from workspaces.durations import in_words

A_WEEK = 7 * DAY
NOTABLE = 0.1
"""A change by less is none."""


class Figure(NamedTuple):
    """A large number with its unit."""

    value: str
    unit: str


@dataclass(frozen=True)
class Percentile:
    """A percentile of the last 24 hours, beside that of the week before."""

    name: str
    milliseconds: int | None
    before: int | None
    course: str
    """Points of a small line: the percentile of each hour."""

    @property
    def figure(self) -> Figure:
        return milliseconds_figure(self.milliseconds)

    @property
    def change(self) -> int | None:
        """In per cent, positive when it became slower; None when nothing can be compared."""
        if not self.milliseconds or not self.before:
            return None
        change = self.milliseconds / self.before - 1
        return round(100 * change) if abs(change) >= NOTABLE else 0

    @property
    def change_size(self) -> int:
        return abs(self.change or 0)


class MonitorFigures:
    """Reads what the figures need. `quarter` is a watch that includes the last 30 days."""

    def __init__(self, monitor: Monitor, reader: FiguresReader, quarter: Watch, now: datetime) -> None:
        self.monitor, self._reader, self._quarter, self._now = monitor, reader, quarter, now

    @cached_property
    def month(self) -> Watch:
        """The last 30 days."""
        return self._quarter.within(self._now - 30 * DAY, self._now)

    @property
    def uptime(self) -> Figure | None:
        uptime = self.month.uptime
        return None if uptime is None else Figure(percent_in_words(uptime), "%")

    @cached_property
    def percentiles(self) -> list[Percentile]:
        """p50 and p95."""
        day = named_range("24h", self._now)
        _, slots = self._reader.series(day)
        week = TimeRange.covering(day.since - A_WEEK, day.since, HOUR)
        _, before = self._reader.series(week)
        hours = _by_hour(slots, day)
        today, week_before = sum_of(hours), sum_of([part for parts in before.values() for part in parts])
        return [
            Percentile(
                name,
                today.histogram.percentile(percent),
                week_before.histogram.percentile(percent),
                _course([hour.histogram.percentile(percent) for hour in hours]),
            )
            for name, percent in (("p50", 50), ("p95", 95))
        ]

    @property
    def next_run(self) -> Figure:
        """How long until then: "in 34" and "s"."""
        next_run = self.monitor.next_run_at
        if next_run is None or next_run <= self._now:
            return Figure("now", "")
        number, unit = in_words((next_run - self._now).total_seconds(), units=1).split()
        return Figure(f"in {number}", unit)

    @property
    def share_to_next_run(self) -> str:
        """How much of the time between two runs has passed, in per cent."""
        next_run, planned = self.monitor.next_run_at, self.monitor.planned_at
        if next_run is None or next_run <= planned:
            return "100%"
        share = (self._now - planned) / (next_run - planned)
        return f"{100 * min(max(share, 0), 1):.0f}%"


def percent_in_words(share: float) -> str:
    """ "99.82": rounded down, since 100 means without any outage."""
    if share >= 1:
        return "100"
    return f"{int(share * 10_000) / 100:.2f}"


def milliseconds_figure(milliseconds: int | None) -> Figure:
    """ "538" and "ms", or "1.24" and "s"."""
    if milliseconds is None:
        return Figure("–", "")
    if milliseconds < 1000:
        return Figure(str(milliseconds), "ms")
    seconds = milliseconds / 1000
    return Figure(f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}", "s")


def _by_hour(series: Series, day: TimeRange) -> list[Figures]:
    """All regions together, in whole hours."""
    slots = round(HOUR / day.bucket)
    sums = [sum_of([parts[number] for parts in series.values()]) for number in range(len(day.buckets))]
    return [sum_of(sums[start : start + slots]) for start in range(0, len(sums), slots)]


def _course(values: list[int | None]) -> str:
    """A line of values, 18 high; hours without one are left out."""
    highest = max((value for value in values if value), default=0)
    return " ".join(
        f"{number},{16 - 14 * value / highest:.1f}" for number, value in enumerate(values) if value
    )
