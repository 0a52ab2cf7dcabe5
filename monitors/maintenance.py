"""What maintenance windows do to monitors, and what happens when a window ends."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitors.models import MaintenanceWindow, Monitor
from monitors.models.maintenance import Scope

BATCH = 100
"""Windows that one transaction handles."""
SCHEDULE_FIELDS = ("cron", "duration_minutes", "timezone", "starts_at", "ends_at")


def is_muted(monitor: Monitor, now: datetime) -> bool:
    """Whether the monitor is in an active window of either mode, so that nobody is notified of it."""
    return monitor.pk in MaintenanceWindow.objects.active_by_monitor([monitor], now)


def covers_no_monitor(window: MaintenanceWindow) -> bool:
    """Whether the window is for a tag that no monitor has, which may be a typing mistake."""
    monitors = Monitor.objects.for_workspace(window.workspace)
    return window.scope == Scope.TAG and not monitors.tagged(window.tag).exists()


def end_windows(now: datetime) -> None:
    """Handles windows that have ended, in batches of which each is one transaction.

    For each window:

    1. It is locked. A window that another scheduler has locked is left to that one.
    2. The monitors in it that still fail are collected, while the window still says which they are.
    3. A recurring window moves to its next occurrence; any other is over.
    4. The failing monitors that are in no other active window become due now.

    The run of step 4 decides who is paged. A result from within the window would page for a target that was
    repaired in its last minute.
    """
    while MaintenanceWindow.objects.ended(now).exists():
        if not _end_batch(now):
            return


def plan_again(now: datetime) -> None:
    """Plans recurring windows again after the clock was set back: a past occurrence may come once more."""
    for window in MaintenanceWindow.objects.planned_ahead(now):
        window.plan(now)
        window.save(update_fields=["starts_at", "ends_at", "is_over", "updated_at"])


@transaction.atomic
def _end_batch(now: datetime) -> int:
    windows = list(MaintenanceWindow.objects.ended(now).select_for_update(skip_locked=True)[:BATCH])
    for window in windows:
        failing = _failing_in(window)
        window.move_on(now)
        _run_unless_muted(failing, now)
    return len(windows)


@transaction.atomic
def store(window: MaintenanceWindow, monitors: Iterable[Monitor] | None = None) -> None:
    """Saves a new or edited window, then runs the failing monitors that it no longer covers."""
    now = timezone.now()
    before = MaintenanceWindow.objects.select_for_update().filter(pk=window.pk).first()
    failing = _failing_in(before) if before and before.is_active else []
    if before is None or any(getattr(before, name) != getattr(window, name) for name in SCHEDULE_FIELDS):
        window.plan(now)
    window.save()
    if monitors is not None:
        window.monitors.set(monitors)
    _run_unless_muted(failing, now)


@transaction.atomic
def remove(window: MaintenanceWindow) -> None:
    """Deletes a window. It ends like one whose time is over."""
    failing = _failing_in(window) if window.is_active else []
    window.delete()
    _run_unless_muted(failing, timezone.now())


def end_now(window: MaintenanceWindow) -> None:
    """Ends the current occurrence early. A recurring window starts again as planned."""
    now = timezone.now()
    if MaintenanceWindow.objects.active(now).filter(pk=window.pk).update(ends_at=now):
        end_windows(now)


def _failing_in(window: MaintenanceWindow) -> list[Monitor]:
    return list(Monitor.objects.covered_by(window).failing().filter(paused_at=None))


def _run_unless_muted(monitors: Collection[Monitor], now: datetime) -> None:
    muted = MaintenanceWindow.objects.active_by_monitor(monitors, now) if monitors else {}
    free = [monitor.pk for monitor in monitors if monitor.pk not in muted]
    Monitor.objects.filter(pk__in=free, next_run_at__gt=now).update(next_run_at=now)
