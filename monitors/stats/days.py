"""Uptime by day, for the row of ninety pills."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from monitors.stats.uptime import Watch

DAYS = 90
A_DAY = timedelta(days=1)
LEVELS = [timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6)]
"""From so much time on, a pill is redder by one level."""


@dataclass(frozen=True)
class DayUptime:
    """One day by the reader's clock."""

    day: date
    watched: timedelta
    down: timedelta
    outages: int

    @property
    def level(self) -> int:
        """How much of the pill is red: 0 for nothing, 1 to 4. A minute is seen, too."""
        if not self.down:
            return 0
        return 1 + sum(self.down >= limit for limit in LEVELS)


def first_midnight(now: datetime, zone: tzinfo, days: int = DAYS) -> datetime:
    """When the first of so many days begins, of which today is the last."""
    today = now.astimezone(zone).date()
    return datetime.combine(today - (days - 1) * A_DAY, time.min, zone)


def uptime_by_day(watch: Watch, zone: tzinfo) -> list[DayUptime]:
    """Each day of a span that begins at a midnight."""
    first = watch.span.start.astimezone(zone).date()
    last = watch.now.astimezone(zone).date()
    days = []
    for number in range((last - first).days + 1):
        day = first + number * A_DAY
        start, end = (datetime.combine(when, time.min, zone) for when in (day, day + A_DAY))
        part = watch.within(start, end)
        down = part.down_time
        days.append(DayUptime(day, part.watched_time, down, len(part.outages) if down else 0))
    return days
