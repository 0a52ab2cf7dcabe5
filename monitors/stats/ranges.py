"""The range of time that a chart or a figure is about, and the buckets that it is divided into."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from monitors.models.rollups import KEPT_BY_HOUR
from monitors.stats.spans import Span

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

NAMED = {
    "1h": HOUR,
    "24h": DAY,
    "7d": 7 * DAY,
    "30d": 30 * DAY,
    "90d": 90 * DAY,
    "13mo": 396 * DAY,
}
"""Ranges that end now, by the names that URLs have."""
DEFAULT_NAME = "24h"
MAX_DURATION = 762 * DAY
"""As long as roll-ups are kept: 25 months."""
MAX_BUCKETS = 200
SLOT = 10 * MINUTE
"""The shortest bucket that roll-ups know. Shorter ones are counted from the runs themselves."""
BUCKETS = [MINUTE, 5 * MINUTE, SLOT, 20 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimeRange:
    """From `since` to `until`, both in UTC and at the edges of buckets."""

    since: datetime
    until: datetime
    bucket: timedelta
    name: str = ""
    """Of `NAMED`; empty for any two dates."""

    @classmethod
    def covering(cls, since: datetime, until: datetime, bucket: timedelta, name: str = "") -> Self:
        """The whole buckets that include these times."""
        start = since - (since - EPOCH) % bucket
        end = until + (EPOCH - until) % bucket
        return cls(start.astimezone(UTC), end.astimezone(UTC), bucket, name)

    @property
    def duration(self) -> timedelta:
        return self.until - self.since

    @property
    def span(self) -> Span:
        return Span(self.since, self.until)

    @property
    def buckets(self) -> list[Span]:
        """The span of each bucket."""
        starts = [self.since + number * self.bucket for number in range(self.duration // self.bucket)]
        return [Span(start, start + self.bucket) for start in starts]

    def number_of(self, time: datetime) -> int | None:
        """The number of the bucket in which a time is, the first of which is 0; None outside of the range."""
        return (time - self.since) // self.bucket if self.since <= time < self.until else None

    def with_buckets(self, bucket: timedelta) -> "TimeRange":
        """The same range in longer buckets, of which it may take one more at each end."""
        return TimeRange.covering(self.since, self.until, bucket, self.name)


def named_range(name: str, now: datetime) -> TimeRange:
    """The range of a name. Raises ValueError for a name that there is not."""
    if name not in NAMED:
        raise ValueError(f"There is no range “{name}”. Known: {', '.join(NAMED)}.")
    return _range(now - NAMED[name], now, now, name)


def range_between(since: datetime, until: datetime, now: datetime) -> TimeRange:
    """The range between two times, which it includes. Raises ValueError when it cannot be one."""
    if not (EARLIEST <= since <= LATEST and EARLIEST <= until <= LATEST):
        raise ValueError("Give times from the year 2000 to 2199.")
    if since >= until:
        raise ValueError("The range must end after it begins.")
    if until - since > MAX_DURATION:
        raise ValueError(f"A range has {MAX_DURATION.days} days at most.")
    return _range(since, until, now)


def _range(since: datetime, until: datetime, now: datetime, name: str = "") -> TimeRange:
    """In the shortest buckets of which there are not too many, and of which something is known."""
    shortest = HOUR if since < now - KEPT_BY_HOUR + DAY else MINUTE
    long_enough = (until - since) / MAX_BUCKETS
    bucket = next(bucket for bucket in BUCKETS if bucket >= max(shortest, long_enough))
    return TimeRange.covering(since, until, bucket, name)
