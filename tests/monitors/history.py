"""Random histories of a monitor, and a slow count of them, second by second and run by run.

Everything that happens is done to the models, as workers, the scheduler and people do it, and noted here at
the same time. The count uses nothing but these notes.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

import pytest
from django.utils import timezone

from monitors.models import Monitor, RegionStatus, Result, Run
from monitors.models.runs import RunType
from tests.factories import make_run

A_SECOND = timedelta(seconds=1)
GOOD, BAD = Result.SUCCESSFUL, (Result.FAILURE, Result.ERROR, Result.ABORT)


@dataclass
class RegionLog:
    """What was noted of one region."""

    added_at: datetime
    late_at: datetime
    since: datetime
    skipped_at: datetime | None = None
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)

    def open_gaps(self, until: datetime) -> list[tuple[datetime, datetime]]:
        found = [(self.late_at, until)]
        if self.skipped_at:
            found.append((self.skipped_at, min(self.late_at, until)))
        return found


class History:
    """Lives through some days of a monitor that runs every five minutes."""

    def __init__(self, monitor: Monitor, seed: int, now: datetime, patch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        self.monitor = monitor
        self.now = now
        self.origin = now - timedelta(days=2)
        patch.setattr(timezone, "now", lambda: self.now)
        self.runs: list[Run] = []
        self.regions: dict[str, RegionLog] = {}
        self.pauses: list[tuple[datetime, datetime]] = []
        self.outages: list[tuple[datetime, datetime | None]] = []
        self.latest: dict[str, str] = {}
        self.trouble = 0
        self._note_regions()

    def live(self, steps: int) -> None:
        """Does this and that."""
        events = [self.let_run] * 30 + [self.stay_silent, self.pause, self.skip, self.add_region]
        for _ in range(steps):
            self.chance.choice([*events, self.set_clock_back])()

    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def let_run(self) -> None:
        """A run in each region, at about the time at which it is due."""
        self.pass_time(self.chance.randint(250, 330))
        for region in self.monitor.regions:
            if self.chance.random() < 0.95:
                self._run(region)

    def _run(self, region: str) -> None:
        if self.trouble == 0 and self.chance.random() < 0.05:
            self.trouble = self.chance.randint(1, 6)
        result: str = GOOD
        if self.trouble:
            self.trouble -= 1
            result = self.chance.choice([*BAD, GOOD])
        if self.chance.random() < 0.02:
            result = Result.SYSTEM_ERROR
        started = self.now
        self.pass_time(self.chance.randint(1, 20))
        run = make_run(
            self.monitor,
            result,
            region=region,
            type=RunType.MANUAL,
            started_at=started,
            finished_at=self.now,
            response_time_ms=round(self.chance.lognormvariate(6, 0.6)),
        )
        self.runs.append(run)
        if result != Result.SYSTEM_ERROR:
            self._note_verdict(region, result)
            self._note_run(self.regions[region], started)

    def _note_verdict(self, region: str, result: str) -> None:
        was_failing = any(last != GOOD for last in self.latest.values())
        self.latest[region] = result
        is_failing = any(last != GOOD for last in self.latest.values())
        is_open = bool(self.outages) and self.outages[-1][1] is None
        if is_failing and result != GOOD and not is_open:
            self.outages.append((self.now, None))
        elif was_failing and not is_failing and is_open:
            self._end_outage()

    def _end_outage(self) -> None:
        started, _ = self.outages[-1]
        self.outages[-1] = (started, max(started, self.now))

    def _note_run(self, region: RegionLog, started: datetime) -> None:
        if not (region.since < self.now or region.since > self.now):
            return
        if region.late_at < started or region.skipped_at:
            region.gaps += region.open_gaps(started)
        region.since, region.skipped_at = self.now, None
        region.late_at = self.monitor.late_at(self.now)

    def stay_silent(self) -> None:
        """No worker, or no scheduler."""
        self.pass_time(self.chance.randint(60, 30_000))

    def pause(self) -> None:
        paused_at = self.now
        self.monitor.pause()
        if self.outages and self.outages[-1][1] is None:
            self._end_outage()
        self.pass_time(self.chance.randint(60, 20_000))
        self.monitor.resume()
        for region in self.regions.values():
            region.gaps += region.open_gaps(paused_at)
            self._expect(region)
        self.pauses.append((paused_at, self.now))

    def skip(self) -> None:
        """A maintenance window skips some runs."""
        for _ in range(self.chance.randint(1, 10)):
            self.pass_time(300)
            RegionStatus.objects.filter(monitor=self.monitor, skipped_at=None).store_gaps(self.now)
            self.monitor.skip_runs(self.now)
            for region in self.regions.values():
                if region.skipped_at is None:
                    region.gaps += region.open_gaps(self.now)
                skipped_at = region.skipped_at or self.now
                self._expect(region)
                region.skipped_at = skipped_at

    def add_region(self) -> None:
        missing = [name for name in ("eu", "us", "asia") if name not in self.regions]
        if missing:
            self.monitor.regions = [*self.monitor.regions, missing[0]]
            self.monitor.save()
            self._note_regions()

    def set_clock_back(self) -> None:
        self.pass_time(-self.chance.randint(1, 9000))

    def _note_regions(self) -> None:
        for name in self.monitor.regions:
            if name not in self.regions:
                late_at = self.monitor.late_at(self.now)
                self.regions[name] = RegionLog(added_at=self.now, late_at=late_at, since=self.now)

    def _expect(self, region: RegionLog) -> None:
        region.since, region.skipped_at = self.now, None
        region.late_at = self.monitor.late_at(self.now)

    # What comes now counts slowly.

    def figures(self, region: str, since: datetime, until: datetime) -> tuple[int, int, list[int]]:
        """Runs, failures and the response times of the good runs in a span."""
        found = [
            run
            for run in self.runs
            if run.region == region and run.finished_at and since <= run.finished_at < until
        ]
        good = sorted(run.response_time_ms for run in found if run.result == GOOD)
        return len(found), sum(run.result in BAD for run in found), good

    def watched_and_down(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Seconds."""
        watched = self._seconds(since, min(until, self.now)) & ~self._unwatched()
        down = 0
        for started, ended in self.outages:
            down |= self._seconds(started, ended or self.now)
        return watched.bit_count(), (watched & down).bit_count()

    def _unwatched(self) -> int:
        never = self._seconds(self.origin, self.monitor.created_at)
        for span in self.pauses:
            never |= self._seconds(*span)
        gaps = watched = 0
        for region in self.regions.values():
            mine = 0
            for span in [*region.gaps, *region.open_gaps(self.now)]:
                mine |= self._seconds(*span)
            gaps |= mine
            watched |= self._seconds(region.added_at, self.now) & ~mine
        return never | (gaps & ~watched)

    def _seconds(self, start: datetime, end: datetime) -> int:
        """A set of seconds: one bit for each since the origin."""
        first, last = (max(0, ceil((time - self.origin) / A_SECOND)) for time in (start, end))
        return ((1 << last) - 1) & ~((1 << first) - 1)


def exact_percentile(times: list[int], percent: float) -> int | None:
    """The time that so many per cent do not exceed."""
    return times[ceil(len(times) * percent / 100) - 1] if times else None
