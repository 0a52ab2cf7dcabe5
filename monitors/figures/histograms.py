"""Response times in few bytes: how many there were in each of about 240 ranges.

Each range reaches from a time to one that is five per cent longer. So any percentile is known within half of
that, and histograms of many hours and regions can be added up.
"""

from bisect import bisect_right
from itertools import pairwise
from math import ceil, sqrt

from monitors.figures.varints import Reader, write_number

MAX_MS = 600_000
"""Longer times count as this long. A run takes five minutes at most."""


def _starts() -> list[int]:
    """The first time of each range. There are few enough for a byte; those below 40 ms have one time each."""
    starts = [0]
    while starts[-1] <= MAX_MS:
        starts.append(max(starts[-1] + 1, starts[-1] * 21 // 20))
    return starts


STARTS = _starts()
MIDDLES = [round(sqrt(start * (next_start - 1))) for start, next_start in pairwise(STARTS)]
"""The time that stands for each range: as far from its shortest as from its longest, in per cent."""


class Histogram:
    """How many response times there were in each range."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    def __bool__(self) -> bool:
        return bool(self.counts)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def add(self, milliseconds: int) -> None:
        """Counts one response time."""
        place = bisect_right(STARTS, min(milliseconds, MAX_MS)) - 1
        self.counts[place] = self.counts.get(place, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Adds all response times of another histogram."""
        for place, count in other.counts.items():
            self.counts[place] = self.counts.get(place, 0) + count

    def percentile(self, percent: float) -> int | None:
        """The time that so many per cent of the response times do not exceed, in milliseconds; None for none.

        It differs from the exact one by less than three per cent.
        """
        rank = ceil(self.total * percent / 100)
        for place in sorted(self.counts):
            rank -= self.counts[place]
            if rank <= 0:
                return MIDDLES[place]
        return None

    @property
    def p50(self) -> int | None:
        """The median, in milliseconds."""
        return self.percentile(50)

    @property
    def p95(self) -> int | None:
        return self.percentile(95)

    def write(self, out: bytearray) -> None:
        """Appends it to what is stored."""
        write_number(len(self.counts), out)
        for place in sorted(self.counts):
            out.append(place)
            write_number(self.counts[place], out)

    @classmethod
    def read(cls, reader: Reader) -> "Histogram":
        """Reads what `write` wrote."""
        histogram = cls()
        histogram.counts = {reader.byte(): reader.number() for _ in range(reader.number())}
        return histogram
