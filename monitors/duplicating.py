"""Copies of monitors."""

from monitors.models import Monitor
from monitors.models.run_options import RUN_OPTIONS

COPIED = ("collection", "environment", "tags", "cron", "timezone", "regions", *RUN_OPTIONS)
MAX_NAME = 255
ENDING = " (copy)"


def copy_of(monitor: Monitor) -> Monitor:
    """A monitor with the same settings that is not stored: with a second of its own, and without runs."""
    name = f"{monitor.name[: MAX_NAME - len(ENDING)]}{ENDING}"
    return Monitor(
        workspace=monitor.workspace, name=name, **{field: getattr(monitor, field) for field in COPIED}
    )
