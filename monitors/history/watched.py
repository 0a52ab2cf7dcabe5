"""What is known of a made-up monitor while its history is walked through."""

from dataclasses import dataclass, field
from datetime import datetime

from monitors.figures import Tally
from monitors.history.course import Course
from monitors.history.variants import Variant, Variants
from monitors.models import Monitor, Result
from monitors.models.rollups import Period


@dataclass
class OpenOutage:
    """The outage that lasts."""

    started_at: datetime
    variant: Variant
    first_run: int
    last_run: int
    regions: list[str]
    failed_runs: int = 1


@dataclass
class RegionCourse:
    """One region of a monitor."""

    name: str
    since: datetime | None = None
    """When the last run ended, or a pause did."""
    hour: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    day: datetime | None = None
    day_tally: Tally = field(default_factory=Tally)

    def open_hour(self, start: datetime) -> None:
        self.hour, self.tally = start, Tally()

    def open_day(self, start: datetime) -> None:
        self.day, self.day_tally = start, Tally()

    def count(self, run_id: int, finished_at: datetime, variant: Variant) -> None:
        """Adds a run to its hour."""
        slot = Period.HOUR.slot_of(finished_at)
        self.tally.add_run(run_id, slot, variant.result, variant.response_time_ms)
        for request in variant.requests:
            self.tally.add_request(request.key, request.passed, request.response_time_ms)


class Watched:
    """A monitor with the state that its runs leave."""

    def __init__(self, monitor: Monitor, variants: Variants, course: Course) -> None:
        self.monitor, self.variants, self.course = monitor, variants, course
        self.version_id = monitor.collection.latest_id
        self.regions = [RegionCourse(name) for name in monitor.regions]
        self.number = monitor.last_run_number
        self.last_run: int | None = None
        self.last_pause: int | None = None
        self.outage: OpenOutage | None = None
        self.latest_results: dict[str, str] = {}
        self.failing_since: datetime | None = None
        self.consecutive_failures = 0

    def variant_at(self, time: float, region: str) -> Variant:
        """What a run finds."""
        cause = self.course.cause_at(time, region)
        if cause is not None:
            return self.variants.bad[cause % len(self.variants.bad)]
        good = self.variants.good
        return good[int(self.course.speed_at(time) * (len(good) - 1))]

    def record(self, run_id: int, region: str, variant: Variant, finished_at: datetime) -> bool:
        """Counts a run as `Monitor.record_run` does. Returns whether it ended an outage."""
        self.last_run = run_id
        self.latest_results[region] = variant.result
        is_good = variant.result == Result.SUCCESSFUL
        self.consecutive_failures = 0 if is_good else self.consecutive_failures + 1
        if all(result == Result.SUCCESSFUL for result in self.latest_results.values()):
            self.failing_since = None
            return self.outage is not None
        self.failing_since = self.failing_since or finished_at
        if not is_good:
            self._add_failure(run_id, region, variant, finished_at)
        return False

    def _add_failure(self, run_id: int, region: str, variant: Variant, finished_at: datetime) -> None:
        if self.outage is None:
            self.outage = OpenOutage(finished_at, variant, run_id, run_id, [region])
            return
        self.outage.failed_runs += 1
        self.outage.last_run = run_id
        if region not in self.outage.regions:
            self.outage.regions.append(region)

    def copy_to_monitor(self) -> None:
        """Sets what the monitor stores of its runs, without saving."""
        monitor = self.monitor
        monitor.last_run_id, monitor.last_run_number = self.last_run, self.number
        monitor.latest_results, monitor.failing_since = self.latest_results, self.failing_since
        monitor.consecutive_failures = self.consecutive_failures
