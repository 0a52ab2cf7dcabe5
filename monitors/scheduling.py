"""Queues the runs that are due, and again those that the broker or a worker lost."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from monitors import late_notices, maintenance
from monitors.models import MaintenanceWindow, Monitor, RegionStatus, Run
from monitors.models.runs import RunType
from monitors.results import store_system_error

log = logging.getLogger(__name__)

BATCH = 500
MAX_ATTEMPTS = 2
"""A run whose worker vanished is queued again once. The second time it ends as a system error."""

A_SECOND = timedelta(seconds=1)
RETRY_UNREADABLE_AFTER = timedelta(hours=1)
"""When a schedule that cannot be read is tried again."""


def schedule_due(now: datetime | None = None) -> int:
    """Queues a run for each due monitor and region and moves the monitors on. Returns the number of runs.

    A monitor that missed several times runs once.
    """
    now = now or timezone.now()
    late_notices.note_downtime(now)
    _replan_after_clock_was_set_back(now)
    maintenance.plan_again(now)
    maintenance.end_windows(now)
    queued = 0
    while batch := _schedule_batch(now):
        queued += batch
    return queued


@transaction.atomic
def _schedule_batch(now: datetime) -> int:
    """Queues the runs of some due monitors. Returns the number of monitors, 0 when none is due.

    1. Lock due monitors. Those that another scheduler has locked are skipped; on SQLite the whole
       transaction is exclusive.
    2. Leave out monitors in a maintenance window that skips runs, and regions in which a run of the monitor
       is unfinished: results that overtake each other would open and close incidents at random.
    3. Store the runs. Where a run of the same monitor, region and time exists, the unique key keeps it.
    4. Plan the next run of each monitor.
    5. Read the new runs back, to know which of them were stored, and have them executed after commit.
    """
    due = list(Monitor.objects.due(now).select_for_update(skip_locked=True).order_by("next_run_at")[:BATCH])
    if not due:
        return 0
    busy = set(Run.objects.filter(monitor__in=due).unfinished().values_list("monitor_id", "region"))
    skipped = MaintenanceWindow.objects.skipped_monitors(due, now)
    runs = [
        _scheduled_run(monitor, region, monitor.next_run_at, now)
        for monitor in due
        if monitor.next_run_at and monitor.pk not in skipped
        for region in monitor.regions
        if (monitor.pk, region) not in busy
    ]
    Run.objects.bulk_create(runs, ignore_conflicts=True)
    if skipped:
        RegionStatus.objects.filter(monitor__in=skipped, skipped_at=None).store_gaps(now)
    for monitor in due:
        _plan(monitor, now)
        if monitor.pk in skipped:
            monitor.skip_runs(now)
    Monitor.objects.bulk_update(due, ["next_run_at", "planned_at", "last_run_number"])
    stored = list(Run.objects.waiting().filter(monitor__in=due, queued_at=now))
    for run in [*stored, *_store_repeated_times(runs, stored, now)]:
        run.send_after_commit()
    return len(due)


def _scheduled_run(monitor: Monitor, region: str, scheduled_at: datetime, now: datetime) -> Run:
    monitor.last_run_number += 1
    return Run(
        workspace_id=monitor.workspace_id,
        monitor=monitor,
        region=region,
        type=RunType.SCHEDULED,
        # The scheduler holds the lock of the monitor, so nobody else takes this number.
        number=monitor.last_run_number,
        scheduled_at=scheduled_at,
        queued_at=now,
        message_sent_at=now,
    )


def _plan(monitor: Monitor, now: datetime) -> None:
    """Plans the next run. A schedule that cannot be read must not stop the others."""
    try:
        monitor.plan(now)
    except (ValueError, RuntimeError):
        log.exception("The next run of monitor %s cannot be planned.", monitor.pk)
        monitor.next_run_at, monitor.planned_at = now + RETRY_UNREADABLE_AFTER, now
    if monitor.next_run_at is None or monitor.next_run_at <= now:
        log.error("The next run of monitor %s was planned before now.", monitor.pk)
        monitor.next_run_at = now + RETRY_UNREADABLE_AFTER


def _store_repeated_times(runs: Collection[Run], stored: Collection[Run], now: datetime) -> list[Run]:
    """Stores the runs that the unique key kept out because their times came before: the clock was set back.

    A run that is the latest of its region was stored by another scheduler instead, and is left alone.
    """
    if len(stored) == len(runs):
        return []
    done = {(run.monitor_id, run.region) for run in stored}
    repeated = []
    for run in runs:
        if (run.monitor_id, run.region) in done:
            continue
        of_region = Run.objects.filter(monitor=run.monitor_id, region=run.region, type=RunType.SCHEDULED)
        latest = of_region.order_by("-id").first()
        if latest and latest.scheduled_at != run.scheduled_at:
            used = of_region.filter(scheduled_at__gte=now, scheduled_at__lt=now + A_SECOND).count()
            run.pk, run.scheduled_at = None, now + timedelta(microseconds=used)
            run.save(force_insert=True)
            repeated.append(run)
    return repeated


def _replan_after_clock_was_set_back(now: datetime) -> None:
    """Plans again the monitors that would wait until the clock has caught up with their next run."""
    while _replan_batch(now):
        log.warning("The clock was set back: the next runs are planned again.")


@transaction.atomic
def _replan_batch(now: datetime) -> int:
    ahead = list(Monitor.objects.planned_ahead(now).select_for_update(skip_locked=True)[:BATCH])
    for monitor in ahead:
        planned = monitor.next_run_at
        _plan(monitor, now)
        if planned and monitor.next_run_at:
            monitor.next_run_at = min(planned, monitor.next_run_at)
        monitor.region_statuses.filter(since__gt=now).update(since=now, late_at=monitor.late_at(now))
    Monitor.objects.bulk_update(ahead, ["next_run_at", "planned_at"])
    return len(ahead)


def recover_runs(now: datetime | None = None) -> None:
    """Sends lost messages again and requeues the runs of workers that vanished."""
    now = now or timezone.now()
    Run.objects.shorten_leases_ahead(now)
    for run in Run.objects.with_expired_lease(now):
        _requeue(run, now)
    for run in Run.objects.with_lost_message(now)[:BATCH]:
        _resend_message(run, now)
    for region in Run.objects.waiting().order_by().values_list("region", flat=True).distinct():
        for run in Run.objects.overtaken(region, now)[:BATCH]:
            _resend_message(run, now)


def _resend_message(run: Run, now: datetime) -> None:
    unchanged = Run.objects.waiting().filter(pk=run.pk, message_sent_at=run.message_sent_at)
    if unchanged.update(message_sent_at=now, messages_sent=F("messages_sent") + 1):
        run.send_after_commit()


def _requeue(run: Run, now: datetime) -> None:
    if run.attempts < MAX_ATTEMPTS:
        if run.requeue(message_sent_at=now, messages_sent=1):
            log.warning("Run %s lost its worker and is queued again.", run.pk)
            run.send_after_commit()
        return
    log.error("Run %s lost its worker %s times.", run.pk, run.attempts)
    store_system_error(run, "The worker that ran it stopped.", now)
