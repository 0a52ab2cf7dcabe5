"""The schedules that forms offer: intervals, times of the day and of the week, and any cron expression."""

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

from monitors import cron

INTERVALS = {
    "* * * * *": "Every minute",
    "*/2 * * * *": "Every 2 minutes",
    "*/5 * * * *": "Every 5 minutes",
    "*/10 * * * *": "Every 10 minutes",
    "*/15 * * * *": "Every 15 minutes",
    "*/30 * * * *": "Every 30 minutes",
    "0 * * * *": "Every hour",
    "0 */2 * * *": "Every 2 hours",
    "0 */6 * * *": "Every 6 hours",
    "0 */12 * * *": "Every 12 hours",
}
DAILY, ON_WEEKDAYS, WEEKLY, CUSTOM = "daily", "weekdays", "weekly", "own"
CHOICES = [
    *INTERVALS.items(),
    (DAILY, "Every day at…"),
    (ON_WEEKDAYS, "Every weekday at…"),
    (WEEKLY, "Every week on…"),
    (CUSTOM, "Cron expression…"),
]
DAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("0", "Sunday"),
]
DAY_NAMES = dict(DAYS) | {"7": "Sunday"}
NINE = time(9)

AT_A_TIME = re.compile(r"([0-5]?\d) ([01]?\d|2[0-3]) \* \* (\*|1-5|[0-7])")

CONTINENTS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@dataclass(frozen=True)
class Choice:
    """What is chosen in a form: an interval or another kind of schedule, and what that needs."""

    schedule: str
    at: time = NINE
    day: str = "1"
    cron: str = ""

    @classmethod
    def of(cls, expression: str) -> "Choice":
        """The choice that makes this expression."""
        if expression in INTERVALS:
            return cls(expression, cron=expression)
        if match := AT_A_TIME.fullmatch(expression):
            minute, hour, days = match.groups()
            at = time(int(hour), int(minute))
            if days in DAY_NAMES:
                return cls(WEEKLY, at, "0" if days == "7" else days, expression)
            return cls(DAILY if days == "*" else ON_WEEKDAYS, at, cron=expression)
        return cls(CUSTOM, cron=expression)

    @property
    def expression(self) -> str:
        """The cron expression."""
        days = {DAILY: "*", ON_WEEKDAYS: "1-5", WEEKLY: self.day}.get(self.schedule)
        if days is not None:
            return f"{self.at.minute} {self.at.hour} * * {days}"
        return self.cron if self.schedule == CUSTOM else self.schedule


def in_words(expression: str) -> str:
    """ "Every 5 minutes", "Every Monday at 9:00"; an expression that no choice makes as it is."""
    choice = Choice.of(expression)
    days = {DAILY: "day", ON_WEEKDAYS: "weekday", WEEKLY: DAY_NAMES[choice.day]}.get(choice.schedule)
    if days is not None:
        return f"Every {days} at {choice.at.hour}:{choice.at.minute:02}"
    return INTERVALS.get(expression, expression)


@cache
def time_zones() -> list[str]:
    """The time zones that people live in, by the names of their cities, and UTC."""
    cities = [name for name in zoneinfo.available_timezones() if name.startswith(CONTINENTS)]
    return ["UTC", *sorted(cities)]


@dataclass(frozen=True)
class Span:
    """A part of the day line in per cent of its width."""

    start: float
    width: float


CLOSE = timedelta(minutes=5)
"""Starts that follow each other within this time are drawn as one span."""
DAY = timedelta(days=1)
NARROWEST = 0.4
HOURS_BETWEEN_MARKS = 6


@dataclass(frozen=True)
class DayLine:
    """The starts of the next 24 hours, as they are drawn."""

    spans: list[Span]
    marks: list[tuple[float, str]]
    """Where a full hour is, in per cent, and its name."""
    starts: int

    @classmethod
    def of(cls, expression: str, zone: str, now: datetime, second: int) -> "DayLine":
        """Raises ValueError for what is no schedule."""
        times = cron.times_until(expression, zone, now, now + DAY, second)
        return cls(_spans(times, now), _marks(now.astimezone(cron.time_zone(zone))), len(times))


def _spans(times: list[datetime], now: datetime) -> list[Span]:
    groups: list[list[datetime]] = []
    for start in times:
        if groups and start - groups[-1][-1] <= CLOSE:
            groups[-1].append(start)
        else:
            groups.append([start])
    return [
        Span(_percent(group[0] - now), max(_percent(group[-1] - group[0]), NARROWEST)) for group in groups
    ]


def _marks(local: datetime) -> list[tuple[float, str]]:
    """Every sixth hour of the clock. On a day on which the clock changes they are where UTC has them."""
    begin, marks = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC), []
    for hours in range(1, 25):
        moment = begin + timedelta(hours=hours)
        shown = moment.astimezone(local.tzinfo)
        if shown.hour % HOURS_BETWEEN_MARKS == 0 and moment - local <= DAY:
            marks.append((_percent(moment - local), f"{shown:%H:%M}"))
    return marks


def _percent(span: timedelta) -> float:
    return round(100 * span / DAY, 2)
