"""Makes the history: walks through the due times of all monitors in order, as the schedule would."""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from monitors.figures import Tally
from monitors.figures.tallies import RESULTS
from monitors.history.course import Course, gaps_of_regions, slots
from monitors.history.tables import Table, reserve_ids
from monitors.history.variants import Variant, Variants
from monitors.history.watched import OpenOutage, RegionCourse, Watched
from monitors.models import Gap, Monitor, Outage, RegionStatus, Run, RunDetail
from monitors.models.gaps import GapReason
from monitors.models.outages import EndedBecause
from monitors.models.rollups import Period, RequestName, RollUp
from monitors.models.runs import RunStatus

GAPS_SEED = 7
RUN_COLUMNS = (
    "id", "workspace_id", "monitor_id", "number", "collection_version_id", "region", "status", "result",
    "summary", "attempts", "scheduled_at", "queued_at", "message_sent_at", "started_at", "finished_at",
    "request_count", "passed_tests", "failed_tests", "error_count", "response_time_ms",
)  # fmt: skip
OUTAGE_COLUMNS = (
    "id", "workspace_id", "monitor_id", "monitor_name", "started_at", "ended_at", "ended_because", "cause",
    "result", "regions", "failed_runs", "first_run_id", "last_run_id",
)  # fmt: skip


ROLL_UP_COLUMNS = (
    "monitor_id", "region", "period", "start", "is_open", *RESULTS, "response_time_sum", "first_run_id",
    "last_run_id", "histogram", "slots", "requests",
)  # fmt: skip
STATE_FIELDS = (
    "last_run", "last_run_number", "latest_results", "failing_since", "consecutive_failures",
    "paused_at", "next_run_at", "planned_at",
)  # fmt: skip
BATCH = 500


class History:
    """The history of some monitors from `since` to `until`."""

    def __init__(
        self, monitors: Iterable[tuple[Monitor, Variants]], since: datetime, until: datetime, every: timedelta
    ) -> None:
        self.until, self.every = until, every
        self.slots = slots(since, until, every)
        self.watched = []
        regions: set[str] = set()
        for seed, (monitor, variants) in enumerate(monitors):
            regions |= set(monitor.regions)
            self.watched.append(Watched(monitor, variants, Course(seed, since, until, monitor.regions)))
        self.gaps = gaps_of_regions(GAPS_SEED, since, until, sorted(regions))
        self.next_run_id = reserve_ids(Run, len(self.slots) * sum(len(each.regions) for each in self.watched))
        self.run_count = 0
        self.runs = Table(Run, *RUN_COLUMNS)
        self.details = Table(RunDetail, "run_id", "document", after=self.runs)
        self.outages = Table(Outage, *OUTAGE_COLUMNS, after=self.runs)
        self.gap_rows = Table(Gap, "monitor_id", "region", "reason", "started_at", "ended_at")
        self.roll_ups = Table(RollUp, *ROLL_UP_COLUMNS)

    def make(self, report: Callable[[int, int], None]) -> int:
        """Stores everything, and returns the number of runs. `report` gets how many due times are done."""
        self._name_requests()
        for done, slot in enumerate(self.slots, start=1):
            for watched in self.watched:
                self._run_all_regions(watched, slot + timedelta(seconds=watched.monitor.second))
            report(done, len(self.slots))
        for watched in self.watched:
            self._finish(watched)
        for table in (self.runs, self.details, self.outages, self.gap_rows, self.roll_ups):
            table.flush()
        self._store_states()
        return self.run_count

    def _run_all_regions(self, watched: Watched, due: datetime) -> None:
        time = due.timestamp()
        pause = watched.course.pauses.place(time)
        if pause is not None:
            self._pause(watched, pause)
            return
        for region in watched.regions:
            if self.gaps[region.name].place(time) is None:
                self._store_gap(watched, region, due)
                self._run(watched, region, due, watched.variant_at(time, region.name))

    def _pause(self, watched: Watched, pause: int) -> None:
        if watched.last_pause == pause:
            return
        watched.last_pause = pause
        spans = watched.course.pauses
        start, end = (datetime.fromtimestamp(at, UTC) for at in (spans.starts[pause], spans.ends[pause]))
        if watched.outage and watched.outage.started_at < start:
            self._end_outage(watched, start, EndedBecause.MONITOR_PAUSED)
        self.gap_rows.add(watched.monitor.pk, "", GapReason.PAUSED, start, end)
        for region in watched.regions:
            region.since = end

    def _store_gap(self, watched: Watched, region: RegionCourse, due: datetime) -> None:
        """Stores that the region was late until now, if it was."""
        if region.since is not None:
            late_at = region.since + max(2 * self.every, timedelta(minutes=2))
            if late_at < due:
                self.gap_rows.add(watched.monitor.pk, region.name, GapReason.LATE, late_at, due)

    def _run(self, watched: Watched, region: RegionCourse, due: datetime, variant: Variant) -> None:
        run_id, self.next_run_id = self.next_run_id, self.next_run_id + 1
        self.run_count += 1
        watched.number += 1
        monitor, finished_at = watched.monitor, due + timedelta(milliseconds=variant.duration_ms)
        self.runs.add(
            *(run_id, monitor.workspace_id, monitor.pk, watched.number, watched.version_id, region.name),
            *(RunStatus.FINISHED, variant.result, variant.summary, 1, due, due, due, due, finished_at),
            *(variant.request_count, variant.passed_tests, variant.failed_tests, variant.error_count),
            variant.response_time_ms,
        )
        self.details.add(run_id, variant.document)
        self._count(watched, region, run_id, finished_at, variant)
        region.since = finished_at
        recovered = watched.record(run_id, region.name, variant, finished_at)
        if recovered:
            self._end_outage(watched, finished_at, EndedBecause.RECOVERED, run_id)

    def _count(
        self, watched: Watched, region: RegionCourse, run_id: int, finished_at: datetime, variant: Variant
    ) -> None:
        hour = Period.HOUR.start_of(finished_at)
        if hour != region.hour:
            self._close_hour(watched, region)
            region.open_hour(hour)
        region.count(run_id, finished_at, variant)

    def _close_hour(self, watched: Watched, region: RegionCourse) -> None:
        """Stores the hour, and counts it in its day: a day holds all hours but the latest one."""
        if region.hour is None:
            return
        self._store_roll_up(watched, region.name, Period.HOUR, region.hour, region.tally)
        day = Period.DAY.start_of(region.hour)
        if day != region.day:
            self._close_day(watched, region)
            region.open_day(day)
        region.day_tally.add_part(Period.DAY.slot_of(region.hour), region.tally)

    def _close_day(self, watched: Watched, region: RegionCourse) -> None:
        if region.day is not None:
            self._store_roll_up(watched, region.name, Period.DAY, region.day, region.day_tally)

    def _store_roll_up(
        self,
        watched: Watched,
        region: str,
        period: Period,
        start: datetime,
        tally: Tally,
        is_open: bool = False,
    ) -> None:
        row = RollUp(
            monitor_id=watched.monitor.pk, region=region, period=period, start=start, is_open=is_open
        )
        row.tally = tally
        self.roll_ups.add(*(getattr(row, name) for name in ROLL_UP_COLUMNS))

    def _end_outage(
        self, watched: Watched, at: datetime, because: EndedBecause, last_run: int | None = None
    ) -> None:
        outage, watched.outage = watched.outage, None
        if outage is not None:
            self._store_outage(watched, outage, max(at, outage.started_at), because, last_run)

    def _store_outage(
        self,
        watched: Watched,
        outage: OpenOutage,
        ended_at: datetime | None,
        because: str,
        last_run: int | None,
    ) -> None:
        monitor = watched.monitor
        self.outages.add(
            *(uuid.uuid4(), monitor.workspace_id, monitor.pk, monitor.name),
            *(outage.started_at, ended_at, because),
            *(outage.variant.summary, outage.variant.result, outage.regions, outage.failed_runs),
            *(outage.first_run, last_run or outage.last_run),
        )

    def _finish(self, watched: Watched) -> None:
        for region in watched.regions:
            if region.hour is not None:
                self._store_roll_up(watched, region.name, Period.HOUR, region.hour, region.tally, True)
            self._close_day(watched, region)
        if watched.outage is not None:
            self._store_outage(watched, watched.outage, None, "", None)

    def _name_requests(self) -> None:
        names = Table(RequestName, "monitor_id", "key", "folder", "name")
        for watched in self.watched:
            for request in watched.variants.good[0].requests:
                names.add(watched.monitor.pk, request.key, request.folder, request.name)
        names.flush()

    def _store_states(self) -> None:
        """What a monitor and its regions know of their last runs. From here on the schedule runs them."""
        now = timezone.now()
        statuses = Table(RegionStatus, "monitor_id", "region", "since", "late_at", "added_at")
        for watched in self.watched:
            watched.copy_to_monitor()
            watched.monitor.paused_at = None
            watched.monitor.plan(now)
            for region in watched.regions:
                since = region.since or self.slots[0]
                late_at = now + max(2 * self.every, timedelta(minutes=2))
                statuses.add(watched.monitor.pk, region.name, since, late_at, self.slots[0])
        statuses.flush()
        Monitor.objects.bulk_update([watched.monitor for watched in self.watched], STATE_FIELDS, BATCH)
