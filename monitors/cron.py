"""Cron schedules: five fields and a time zone."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from cronsim import CronSim, CronSimError

MAX_EXPRESSION_LENGTH = 100
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
A_WEEK = timedelta(days=7)


def time_zone(name: str) -> zoneinfo.ZoneInfo:
    """Finds a time zone by its name. Raises ValueError with a sentence for the person who entered it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"“{name}” is not a time zone: use a name such as Europe/Berlin or UTC.")


def next_times(
    expression: str, zone: str, after: datetime, count: int = 1, second: int = 0
) -> list[datetime]:
    """The next times of a five-field cron expression, in UTC. Raises ValueError for what is not one.

    The first is later than `after`, and each is later than the one before it. Each is `second` seconds after
    the beginning of a due minute.
    """
    return list(islice(_times(expression, zone, after, second), count))


def times_until(
    expression: str, zone: str, after: datetime, until: datetime, second: int = 0
) -> list[datetime]:
    """Like `next_times`, for all times that are not later than `until`."""
    return list(takewhile(lambda time: time <= until, _times(expression, zone, after, second)))


def _times(expression: str, zone: str, after: datetime, second: int) -> Iterator[datetime]:
    if len(expression) > MAX_EXPRESSION_LENGTH or len(expression.split()) != 5:
        raise ValueError("A schedule has five fields: minute, hour, day of month, month, day of week.")
    tz, into_the_minute = time_zone(zone), timedelta(seconds=second)
    minute = after.astimezone(UTC) - into_the_minute
    try:
        schedule = _Schedule(expression, tz)
        while True:
            minute = schedule.next_time(minute)
            yield minute + into_the_minute
    except CronSimError as problem:
        raise ValueError(f"“{expression}” is not a cron expression: {problem}.")
    except (StopIteration, OverflowError):
        raise ValueError(f"“{expression}” never comes due.")


class _Schedule:
    """An expression in a time zone.

    cronsim finds the times of a clock that is never changed; what changes of the clock do to them is decided
    here, by the rule in docs/operating.md. A schedule whose minute or hour begins with a star is one of
    intervals: it is due in each minute whose local time matches. Any other is due once for each local time:
    the first time when the clock repeats it, and at the moment of the change when the clock leaves it out.
    """

    def __init__(self, expression: str, tz: zoneinfo.ZoneInfo) -> None:
        self._wall_clock = CronSim(expression, datetime(2000, 1, 1))
        self._tz = tz
        minute, hour, *_ = expression.split()
        self._has_intervals = minute.startswith("*") or hour.startswith("*")

    def next_time(self, after: datetime) -> datetime:
        """The first due time later than `after`; both in UTC."""
        offset = self._offset(after)
        # Local times are written as naive datetimes.
        start = self._start(after, offset)
        while True:
            local = self._next_local_time(start)
            due = local.replace(tzinfo=UTC) - offset
            change = self._next_change(after, due)
            if change is None:
                return due
            old_offset, offset = offset, self._offset(change)
            resumes_at = _local(change, offset)
            if not self._has_intervals:
                if local < resumes_at:
                    return change
                resumes_at = max(resumes_at, _local(change, old_offset))
            after, start = change, resumes_at - SECOND

    def _start(self, after: datetime, offset: timedelta) -> datetime:
        """The local time after which to search, past the times of a repeated hour that were due before."""
        start = _local(after, offset)
        local = after.astimezone(self._tz)
        if self._has_intervals or not local.fold:
            return start
        first_offset = local.replace(fold=0).utcoffset() or timedelta()
        change = self._next_change(after - (first_offset - offset), after)
        return max(start, _local(change, first_offset) - SECOND) if change else start

    def _next_local_time(self, start: datetime) -> datetime:
        self._wall_clock.dt = start.replace(microsecond=0)
        found = next(self._wall_clock)
        if found <= start:
            raise RuntimeError(f"cronsim went from {start} back to {found}.")
        return found

    def _next_change(self, after: datetime, until: datetime) -> datetime | None:
        """The first moment in (after, until] whose offset differs from the moment before.

        It assumes that no time zone changes its clock twice in a week.
        """
        while after < until:
            later = min(after + A_WEEK, until)
            if self._offset(later) != self._offset(after):
                return self._change_between(after.replace(microsecond=0), later)
            after = later
        return None

    def _change_between(self, before: datetime, after: datetime) -> datetime:
        old_offset = self._offset(before)
        while after - before > SECOND:
            middle = before + (after - before) // SECOND // 2 * SECOND
            if self._offset(middle) == old_offset:
                before = middle
            else:
                after = middle
        return after

    def _offset(self, time: datetime) -> timedelta:
        return time.astimezone(self._tz).utcoffset() or timedelta()


def _local(time: datetime, offset: timedelta) -> datetime:
    return (time + offset).replace(tzinfo=None)
