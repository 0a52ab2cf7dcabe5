"""The tab of a monitor's page that lists its runs."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from monitors.charts.response_times import region_key
from monitors.figures import Figures
from monitors.models import Gap, Monitor, Result, Run
from monitors.models.runs import FAILED_RESULTS, RunQuerySet
from monitors.run_rows import DayRows, FoldedRow, GapRow, Row, SlotRow, rows_by_day, slots_of
from monitors.run_search import MAX_SEARCHED
from monitors.stats.ranges import HOUR, TimeRange
from monitors.stats.series import FiguresReader
from monitors.stats.uptime import Watch
from monitors.views.monitor_query import MonitorQuery

RUNS_READ = 300
"""How many runs a page of the list holds, before equal ones are folded."""
MAX_COLUMNS = 4
"""Runs of more regions have one column in all."""
MAX_COUNTED_DAYS = 8
"""A list of more days does not count the runs of each."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cell:
    """The run, or the runs, of one row in one region."""

    region: str
    run: Run | None = None
    """None for the runs of a folded row."""
    milliseconds: tuple[int, int] | None = None
    """From the fastest to the slowest."""

    @property
    def is_running(self) -> bool:
        return self.run is not None and not self.run.result

    @property
    def is_bad(self) -> bool:
        return self.run is not None and self.run.result in FAILED_RESULTS

    @property
    def is_notable(self) -> bool:
        """Whether the shape of the result is shown: success is silent."""
        return self.run is not None and self.run.result not in ("", Result.SUCCESSFUL)


@dataclass(frozen=True)
class ShownRow:
    """A row with its cells, one for each column."""

    row: Row
    kind: str
    cells: list[Cell]


@dataclass(frozen=True)
class ShownDay:
    """A day with the figures of all its runs, where they were counted."""

    day: date
    figures: Figures | None
    rows: list[ShownRow]


@dataclass(frozen=True)
class RunTable:
    """What the template shows."""

    columns: list[tuple[str, str]]
    """Name and color of each region; none where there are too many."""
    days: list[ShownDay]
    older: int | None
    """The id under which the next page begins."""

    @property
    def width(self) -> int:
        """How many columns there are."""
        return 3 + (len(self.columns) or 1)

    @property
    def width_after_time(self) -> int:
        return self.width - 1


def run_table(
    monitor: Monitor, runs: RunQuerySet, query: MonitorQuery, reader: FiguresReader, watch: Watch
) -> RunTable:
    """A page of runs, the newest first. `watch` tells the gaps between them."""
    listed = query.listed(runs, monitor)
    oldest = _oldest_searched(listed) if query.searches else None
    if oldest is not None:
        listed = listed.filter(pk__gte=oldest)
    found = list(query.filter(listed)[: RUNS_READ + 1])
    is_full = len(found) > RUNS_READ
    slots = slots_of(found)
    if is_full and len(slots) > 1:
        # The last one may go on on the next page.
        slots.pop()
    older = min(run.pk for run in slots[-1].runs) if is_full else oldest
    gaps = [] if query.is_filtered else _gaps_among(slots, query, watch)
    days = rows_by_day(slots, gaps, fold=query.folds)
    regions = _columns(monitor, slots)
    counts = _figures_by_day(reader, days) if not query.is_filtered else {}
    shown = [
        ShownDay(day.day, counts.get(day.day), [_shown(row, regions) for row in day.rows]) for day in days
    ]
    return RunTable([(region, region_key(region)) for region in regions], shown, older)


def _oldest_searched(runs: RunQuerySet) -> int | None:
    """The id of the run at which a search without an index ends; None where it reads all."""
    ids = runs.order_by("-pk").values_list("pk", flat=True)
    return next(iter(ids[MAX_SEARCHED - 1 : MAX_SEARCHED]), None)


def _gaps_among(slots: list[SlotRow], query: MonitorQuery, watch: Watch) -> list[Gap]:
    """The gaps in the time of the page. Those after the newest run belong to the first page."""
    start = slots[-1].time if slots else watch.span.start
    end = slots[0].time if slots and query.before is not None else watch.now
    if query.chosen_span:
        start, end = max(start, query.chosen_span.since), min(end, query.chosen_span.until)
    return watch.within(start, end).gaps if start < end else []


def _columns(monitor: Monitor, slots: list[SlotRow]) -> list[str]:
    regions = dict.fromkeys([*monitor.regions, *(run.region for slot in slots for run in slot.runs)])
    return list(regions) if len(regions) <= MAX_COLUMNS else []


def _figures_by_day(reader: FiguresReader, days: list[DayRows]) -> dict[date, Figures]:
    if not days or (days[0].day - days[-1].day).days >= MAX_COUNTED_DAYS:
        return {}
    zone = timezone.get_current_timezone()
    start, end = (datetime.combine(day, time.min, zone) for day in (days[-1].day, days[0].day + A_DAY))
    chosen, series = reader.series(TimeRange.covering(start, end, HOUR))
    found: dict[date, Figures] = {}
    for parts in series.values():
        for span, figures in zip(chosen.buckets, parts, strict=True):
            found.setdefault(span.start.astimezone(zone).date(), Figures()).merge(figures)
    return found


def _shown(row: Row, regions: list[str]) -> ShownRow:
    if isinstance(row, GapRow):
        return ShownRow(row, "gap", [])
    if isinstance(row, FoldedRow):
        return ShownRow(row, "folded", [_folded_cell(row, region) for region in regions])
    return ShownRow(row, "slot", [_cell(row, region) for region in regions])


def _cell(row: SlotRow, region: str) -> Cell:
    run = row.of(region)
    return Cell(region, run, (run.response_time_ms, run.response_time_ms) if run else None)


def _folded_cell(row: FoldedRow, region: str) -> Cell:
    times = row.times_of(region)
    return Cell(region, milliseconds=(min(times), max(times)) if times else None)
