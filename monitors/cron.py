"""Cron schedules: five fields and a time zone."""

import zoneinfo
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

PRESETS = {
    "* * * * *": "Every minute",
    "*/5 * * * *": "Every 5 minutes",
    "*/15 * * * *": "Every 15 minutes",
    "0 * * * *": "Every hour",
    "0 */6 * * *": "Every 6 hours",
    "0 9 * * *": "Every day at 9:00",
    "0 9 * * 1-5": "Every weekday at 9:00",
    "0 9 * * 1": "Every Monday at 9:00",
}


def time_zone(name: str) -> zoneinfo.ZoneInfo:
    """Raises ValueError with a sentence for the person who typed it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: use a name such as Europe/Berlin or UTC.")


def next_times(expression: str, zone: str, after: datetime, count: int = 1) -> list[datetime]:
    """The next times of a five-field cron expression, in UTC. Raises ValueError for what is not one.

    Around a change of the clocks it behaves as Debian's cron does (cronsim's documentation).
    """
    if len(expression.split()) != 5:
        raise ValueError("A schedule has five fields: minute, hour, day of month, month, day of week.")
    tz = time_zone(zone)
    try:
        upcoming = CronSim(expression, after.astimezone(tz))
        return [next(upcoming).astimezone(UTC) for _ in range(count)]
    except CronSimError as problem:
        raise ValueError(f"{expression!r} is not a cron expression: {problem}.")
    except StopIteration:
        raise ValueError(f"{expression!r} never comes due.")
