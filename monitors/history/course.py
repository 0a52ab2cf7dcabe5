"""How a made-up monitor does over time: when it fails, when nothing runs, and how fast its target is."""

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import pi, sin

DAYS_BETWEEN_OUTAGES = 12.0
MINUTES_OF_AN_OUTAGE = 35.0
BLIPS = 0.0008
"""The share of runs that fail alone."""
DAYS_BETWEEN_GAPS = 15.0
MINUTES_OF_A_GAP = 50.0
DAYS_BETWEEN_PAUSES = 60.0
HOURS_OF_A_PAUSE = 5.0


@dataclass(frozen=True)
class Spans:
    """Spans of time that do not overlap, in order."""

    starts: list[float]
    ends: list[float]

    @classmethod
    def at_random(
        cls, chance: random.Random, since: float, until: float, days_between: float, minutes: float
    ) -> "Spans":
        """Spans with these average lengths and distances. Times are seconds since 1970."""
        starts, ends, time = [], [], since
        while (time := time + chance.expovariate(1 / (days_between * 86_400))) < until:
            starts.append(time)
            ends.append(time := time + 60 + chance.expovariate(1 / (minutes * 60)))
        return cls(starts, ends)

    def place(self, time: float) -> int | None:
        """The number of the span in which a time is; None for none."""
        at = bisect_right(self.starts, time) - 1
        return at if at >= 0 and time < self.ends[at] else None


class Course:
    """What happens to one monitor between two times."""

    def __init__(self, seed: int, since: datetime, until: datetime, regions: list[str]) -> None:
        self._chance = chance = random.Random(seed)
        span = (since.timestamp(), until.timestamp())
        self._outages = Spans.at_random(chance, *span, DAYS_BETWEEN_OUTAGES, MINUTES_OF_AN_OUTAGE)
        self._causes = [chance.randrange(1_000_000) for _ in self._outages.starts]
        # An outage that only one region sees is a matter of the way to the target.
        self._seen_in = [chance.choice([*regions, None, None, None]) for _ in self._outages.starts]
        self.pauses = Spans.at_random(chance, *span, DAYS_BETWEEN_PAUSES, HOURS_OF_A_PAUSE * 60)
        self._speed = chance.uniform(0.15, 0.7)
        self._phase = chance.uniform(0, 2 * pi)

    def cause_at(self, time: float, region: str) -> int | None:
        """A number that stands for why a run fails; None for a good run."""
        at = self._outages.place(time)
        if at is not None and self._seen_in[at] in (None, region):
            return self._causes[at]
        return self._chance.randrange(1_000_000) if self._chance.random() < BLIPS else None

    def speed_at(self, time: float) -> float:
        """How slow the target is, from 0 to 1: slower by day than by night."""
        daily = 0.08 * sin(time / 86_400 * 2 * pi + self._phase)
        return min(1.0, max(0.0, self._speed + daily + self._chance.gauss(0, 0.03)))


def gaps_of_regions(seed: int, since: datetime, until: datetime, regions: list[str]) -> dict[str, Spans]:
    """When no worker runs in each region."""
    chance = random.Random(seed)
    span = (since.timestamp(), until.timestamp())
    return {region: Spans.at_random(chance, *span, DAYS_BETWEEN_GAPS, MINUTES_OF_A_GAP) for region in regions}


def slots(since: datetime, until: datetime, every: timedelta) -> list[datetime]:
    """The due times of a schedule."""
    count = int((until - since) / every)
    return [until - every * (count - number) for number in range(count)]
