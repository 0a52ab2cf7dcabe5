"""The marks at the axes of a chart."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from workspaces.durations import milliseconds_in_words

MAX_STEPS = 5
MAX_MARKS = 8
HOURS = [timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 240, 360, 720)]
"""Steps between marks within days."""
DAYS = [1, 2, 7, 14]
"""Steps between marks in days."""
A_DAY = timedelta(days=1)


class Mark(NamedTuple):
    """A place at the axis of time."""

    time: datetime
    label: str
    is_day: bool
    """Whether a day begins there."""


def steps(highest_ms: int) -> list[int]:
    """Round response times from 0 to one that is not below the highest."""
    step = next(step for step in _round_numbers() if step * MAX_STEPS >= highest_ms)
    count = max(1, -(-highest_ms // step))
    return [number * step for number in range(count + 1)]


def _round_numbers() -> Iterator[int]:
    size = 10
    while True:
        yield from (size, 2 * size, 5 * size)
        size *= 10


def step_label(milliseconds: int) -> str:
    """ "500 ms", "1 s"."""
    return milliseconds_in_words(milliseconds).replace(".0 ", " ") if milliseconds else "0"


def marks(since: datetime, until: datetime, zone: tzinfo) -> list[Mark]:
    """Round times between two times, by the clock of a time zone."""
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = (last - first).days + 1
    if until - since > MAX_MARKS * A_DAY / 2:
        found = _days(first, days, zone)
    else:
        step = next(step for step in HOURS if (until - since) / step <= MAX_MARKS)
        found = (
            _mark(datetime.combine(first + day * A_DAY, time.min, zone) + number * step)
            for day in range(days)
            for number in range(A_DAY // step)
        )
    # An hour that the clock leaves out or repeats yields no time or one twice.
    by_time = {mark.time: mark for mark in found if since <= mark.time < until}
    return sorted(by_time.values())


def _days(first: date, days: int, zone: tzinfo) -> Iterator[Mark]:
    step = next((step for step in DAYS if days / step <= MAX_MARKS), 0)
    for number in range(days):
        day = first + number * A_DAY
        if step and number % step == 0:
            yield Mark(datetime.combine(day, time.min, zone), f"{day.day} {day:%b}", step == 1)
        elif not step and day.day == 1 and (days < 300 or day.month % 2):
            yield Mark(
                datetime.combine(day, time.min, zone),
                f"{day:%b %Y}" if day.month == 1 else f"{day:%b}",
                False,
            )


def _mark(local: datetime) -> Mark:
    is_midnight = local.time() == time.min
    return Mark(local, f"{local:%a} {local.day} {local:%b}" if is_midnight else f"{local:%H:%M}", is_midnight)
