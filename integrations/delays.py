"""How long a policy waits, in the time of a monitor's schedule."""

from django.utils import timezone

from monitors import cron
from monitors.models import Monitor

RUNS_LOOKED_AT = 20
"""A schedule may have gaps (nights, weekends); its usual pause is the smallest."""


def minutes_between_runs(monitor: Monitor) -> int:
    times = cron.next_times(monitor.cron, monitor.timezone, timezone.now(), RUNS_LOOKED_AT)
    pauses = [(later - earlier).total_seconds() for earlier, later in zip(times, times[1:], strict=False)]
    return max(1, round(min(pauses) / 60))


def in_words(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 2880:
        return f"{minutes / 60:g} h" if minutes % 60 == 0 else f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} days"


def describe(monitor: Monitor | None, open_after: int, close_after: int) -> str:
    """What the two counts mean for the person who sets them."""
    if monitor is None:
        opened, closed = _runs(open_after, "failed"), _runs(close_after, "good")
        return f"Each monitor pages after {opened} and closes after {closed}."
    pause = minutes_between_runs(monitor)
    return (
        f"{monitor.name} runs every {in_words(pause)}: it pages within {in_words(pause * open_after)} "
        f"of breaking and closes within {in_words(pause * close_after)} of being mended."
    )


def _runs(count: int, kind: str) -> str:
    return f"one {kind} run" if count == 1 else f"{count} {kind} runs in a row"
