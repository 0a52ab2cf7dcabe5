"""What maintenance windows do: who is in one now, and what happens when one ends."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitors.models import MaintenanceWindow, Monitor
from monitors.models.maintenance import Mode, Scope

BATCH = 100
SCHEDULE = ("cron", "duration_minutes", "timezone", "starts_at", "ends_at")


def is_muted(monitor: Monitor, now: datetime) -> bool:
    """Whether nobody is to be paged for the monitor: it is in a window of either mode."""
    return monitor.pk in active_windows([monitor], now)


def active_windows(monitors: Collection[Monitor], now: datetime) -> dict[uuid.UUID, MaintenanceWindow]:
    """The window that each monitor is in, without those in none. Two queries at most, for any number.

    Of several, one that skips runs comes first, then the one that ends last.
    """
    by_workspace = defaultdict(list)
    for monitor in monitors:
        by_workspace[monitor.workspace_id].append(monitor)
    windows = list(MaintenanceWindow.objects.active(now).filter(workspace__in=by_workspace))
    windows.sort(key=lambda window: (window.mode == Mode.SKIP, window.ends_at))
    chosen = _chosen_monitors(windows, monitors)
    return {
        monitor.pk: window
        for window in windows
        for monitor in by_workspace[window.workspace_id]
        if window.covers(monitor, chosen[window.pk])
    }


def covers_no_monitor(window: MaintenanceWindow) -> bool:
    """Whether it is for a tag that no monitor has now, which may be a slip of the pen."""
    monitors = Monitor.objects.for_workspace(window.workspace)
    return window.scope == Scope.TAG and not monitors.tagged(window.tag).exists()


def skipped(monitors: Collection[Monitor], now: datetime) -> set[uuid.UUID]:
    """The ids of those that are not to run now."""
    return {pk for pk, window in active_windows(monitors, now).items() if window.mode == Mode.SKIP}


def end_windows(now: datetime) -> None:
    """Acts upon the end of windows: monitors that still fail run at once, and that run decides who is paged.

    A result of the window itself would page for what was mended in its last minute.
    """
    while MaintenanceWindow.objects.ended(now).exists():
        if not _end_batch(now):
            return


def plan_again(now: datetime) -> None:
    """After the clock was set back: an occurrence that was left behind may come again."""
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
    """Saves a new or edited window. Failing monitors that it lets go of run at once."""
    now = timezone.now()
    before = MaintenanceWindow.objects.select_for_update().filter(pk=window.pk).first()
    failing = _failing_in(before) if before and before.is_active else []
    if before is None or any(getattr(before, name) != getattr(window, name) for name in SCHEDULE):
        window.plan(now)
    window.save()
    if monitors is not None:
        window.monitors.set(monitors)
    _run_unless_muted(failing, now)


@transaction.atomic
def remove(window: MaintenanceWindow) -> None:
    """Deletes a window, which ends it."""
    failing = _failing_in(window) if window.is_active else []
    window.delete()
    _run_unless_muted(failing, timezone.now())


def end_now(window: MaintenanceWindow) -> None:
    """Ends a window before its time; a recurring one comes again as planned."""
    now = timezone.now()
    if MaintenanceWindow.objects.active(now).filter(pk=window.pk).update(ends_at=now):
        end_windows(now)


def _chosen_monitors(
    windows: Iterable[MaintenanceWindow], monitors: Iterable[Monitor]
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """By window, which of the monitors were chosen for it one by one."""
    chosen: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    by_choice = [window.pk for window in windows if window.scope == Scope.MONITORS]
    if by_choice:
        rows = MaintenanceWindow.monitors.through.objects.filter(
            maintenancewindow__in=by_choice, monitor__in=[monitor.pk for monitor in monitors]
        )
        for window, monitor in rows.values_list("maintenancewindow_id", "monitor_id"):
            chosen[window].add(monitor)
    return chosen


def _failing_in(window: MaintenanceWindow) -> list[Monitor]:
    return list(window.covered().failing().filter(paused_at=None))


def _run_unless_muted(monitors: Collection[Monitor], now: datetime) -> None:
    muted = active_windows(monitors, now) if monitors else {}
    free = [monitor.pk for monitor in monitors if monitor.pk not in muted]
    Monitor.objects.filter(pk__in=free, next_run_at__gt=now).update(next_run_at=now)
