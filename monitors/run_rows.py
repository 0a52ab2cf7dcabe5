"""The runs of a monitor as a table: one row for each time, one column for each region, equal rows folded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from django.utils import timezone

from monitors.models import Gap, Result, Run
from monitors.models.runs import FAILED_RESULTS, RunStatus, RunType

MIN_FOLDED = 3
"""So many equal rows in a row become one."""

WORST_FIRST = [*FAILED_RESULTS, Result.SYSTEM_ERROR, Result.CANCELED, Result.SUCCESSFUL]


@dataclass(frozen=True)
class SlotRow:
    """The runs of one time, in all regions."""

    runs: list[Run]

    @property
    def first(self) -> Run:
        """The run that the row leads to: the worst one."""
        return min(self.runs, key=lambda run: _rank(run.result))

    @property
    def time(self) -> datetime:
        return self.runs[0].scheduled_at

    @property
    def result(self) -> str:
        """The worst result; empty while a run is unfinished and none failed."""
        unfinished = any(run.status != RunStatus.FINISHED for run in self.runs)
        return "" if unfinished and self.first.result == Result.SUCCESSFUL else self.first.result

    @property
    def is_scheduled(self) -> bool:
        return self.first.type == RunType.SCHEDULED

    @property
    def regions_in_words(self) -> str:
        """ "2 of 6 failed", for monitors of many regions."""
        count = len(self.runs)
        failed = sum(run.result in FAILED_RESULTS for run in self.runs)
        if failed:
            return f"{failed} of {count} failed"
        passed = sum(run.result == Result.SUCCESSFUL for run in self.runs)
        return f"{passed} passed" if passed == count else f"{passed} of {count} passed"

    @property
    def likeness(self) -> tuple[object, ...]:
        """What rows have in common that are folded."""
        results = sorted((run.region, run.result) for run in self.runs if run.result != Result.SUCCESSFUL)
        return self.result, self.first.summary, self.first.failed_tests, self.is_scheduled, tuple(results)

    def of(self, region: str) -> Run | None:
        return next((run for run in self.runs if run.region == region), None)


@dataclass(frozen=True)
class FoldedRow:
    """Equal rows, the newest first, after one that is shown itself unless they passed."""

    rows: list[SlotRow]

    @property
    def newest(self) -> SlotRow:
        return self.rows[0]

    @property
    def oldest(self) -> SlotRow:
        return self.rows[-1]

    @property
    def passed(self) -> bool:
        return self.newest.result == Result.SUCCESSFUL

    @property
    def next_id(self) -> int:
        """The id under which a list begins that shows these runs one by one."""
        return max(run.pk for run in self.newest.runs) + 1

    def times_of(self, region: str) -> list[int]:
        """The response times in a region."""
        return [run.response_time_ms for row in self.rows for run in row.runs if run.region == region]


@dataclass(frozen=True)
class GapRow:
    """A span in which nothing ran."""

    gap: Gap

    @property
    def time(self) -> datetime:
        return self.gap.ended_at


Row = SlotRow | FoldedRow | GapRow


@dataclass
class DayRows:
    """The rows of one day, by the reader's clock."""

    day: date
    rows: list[Row] = field(default_factory=list)


def slots_of(runs: Iterable[Run]) -> list[SlotRow]:
    """Runs, the newest first, joined where they were due at the same second."""
    slots: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        second = run.scheduled_at.replace(microsecond=0)
        key: tuple[object, ...] = (second, run.type)
        if any(other.region == run.region for other in slots.get(key, [])):
            key = (second, run.type, run.pk)
        slots.setdefault(key, []).append(run)
    return [SlotRow(found) for found in slots.values()]


def rows_by_day(slots: Sequence[SlotRow], gaps: Iterable[Gap], *, fold: bool) -> list[DayRows]:
    """The table's rows, the newest first."""
    rows: list[SlotRow | GapRow] = [*slots, *(GapRow(gap) for gap in gaps)]
    rows.sort(key=attrgetter("time"), reverse=True)
    days = []
    for day, group in groupby(rows, key=lambda row: timezone.localtime(row.time).date()):
        of_day = list(group)
        days.append(DayRows(day, list(_folded(of_day)) if fold else [*of_day]))
    return days


def _folded(rows: Iterable[SlotRow | GapRow]) -> Iterator[Row]:
    for likeness, found in groupby(rows, key=lambda row: row.likeness if isinstance(row, SlotRow) else None):
        alike = list(found)
        slots = [row for row in alike if isinstance(row, SlotRow)]
        # The newest of equal failures is shown, since it says what they have in common.
        shown = 0 if likeness and likeness[0] == Result.SUCCESSFUL else 1
        if likeness is None or not slots[0].result or len(slots) - shown < MIN_FOLDED:
            yield from alike
            continue
        yield from slots[:shown]
        yield FoldedRow(slots[shown:])


def _rank(result: str) -> int:
    return WORST_FIRST.index(Result(result)) if result else len(WORST_FIRST)
