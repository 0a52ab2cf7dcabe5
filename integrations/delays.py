"""How long a policy takes to page and to close, by the schedules of the monitors that it watches."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitors import cron
from monitors.models import Monitor
from workspaces import durations
from workspaces.models import Workspace

A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
"""Schedules are computed from here on, in UTC, which has no days of 23 or 25 hours."""

MIN_RUNS, MAX_RUNS = 64, 2048
"""How many runs are computed: those of a week if possible, since schedules may pause on weekends."""


@dataclass(frozen=True)
class Span:
    """From the usual minutes of the most frequent schedule to the maximum of all schedules."""

    shortest: int
    longest: int

    def __str__(self) -> str:
        shortest, longest = durations.in_words(60 * self.shortest), durations.in_words(60 * self.longest)
        return shortest if shortest == longest else f"{shortest} to {longest}"


def describe(monitor: Monitor, open_after: int, close_after: int) -> str:
    """What the two counts mean for one monitor, as a sentence for the person who sets them."""
    spans = _spans([monitor.cron], open_after, close_after)
    name = f"{monitor.name} is paused. Once resumed, it" if monitor.paused_at else monitor.name
    return f"{name} {spans} {_run_time(repeats=monitor.retries > 0)}"


def describe_all(workspace: Workspace, open_after: int, close_after: int) -> str:
    """What the two counts mean for all active monitors of a workspace."""
    active = Monitor.objects.for_workspace(workspace).filter(paused_at=None)
    rows = active.order_by().values_list("cron", "retries")
    if not rows:
        return describe_counts(open_after, close_after)
    spans = _spans({schedule for schedule, _ in rows}, open_after, close_after, many=len(rows) > 1)
    name = f"The {len(rows)} monitors" if len(rows) > 1 else "The one monitor"
    return f"{name} {spans} {_run_time(repeats=any(retries for _, retries in rows))}"


def describe_counts(open_after: int, close_after: int) -> str:
    """What the two counts mean if no schedule is known."""
    opened, closed = _runs(open_after, "failed"), _runs(close_after, "good")
    return f"Each monitor pages after {opened} and closes after {closed}."


def _spans(schedules: Collection[str], open_after: int, close_after: int, *, many: bool = False) -> str:
    every, opened, closed = (_span(schedules, runs) for runs in (1, open_after, close_after))
    return (
        f"{'run' if many else 'runs'} every {every}: {'each' if many else 'it'} pages within {opened} "
        f"of breaking and closes within {closed} of recovering."
    )


def _span(schedules: Collection[str], runs: int) -> Span:
    """How long that many runs take, counted from the end of a run."""
    spans = [_span_of(schedule, runs) for schedule in schedules]
    return Span(min(span.shortest for span in spans), max(span.longest for span in spans))


@lru_cache(maxsize=1024)
def _span_of(schedule: str, runs: int) -> Span:
    times = _times(schedule)
    waits = [later - earlier for earlier, later in zip(times, times[runs:], strict=False)]
    return Span(min(waits) // timedelta(minutes=1), max(waits) // timedelta(minutes=1))


@lru_cache(maxsize=64)
def _times(schedule: str) -> list[datetime]:
    count = MIN_RUNS
    times = cron.next_times(schedule, "UTC", A_MONDAY, count)
    while times[-1] - times[0] < timedelta(days=8) and count < MAX_RUNS:
        count *= 2
        times = cron.next_times(schedule, "UTC", A_MONDAY, count)
    return times


def _run_time(*, repeats: bool) -> str:
    repeated = ", with its repeated requests" if repeats else ""
    return f"Add the time of a run, five minutes at most{repeated}."


def _runs(count: int, kind: str) -> str:
    return f"one {kind} run" if count == 1 else f"{count} {kind} runs in a row"
