"""From the clock to queued runs, and back to the queue for runs that a worker or the broker lost."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from monitors import lateness, maintenance
from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunStatus, RunType

log = logging.getLogger(__name__)

BATCH = 500
MAX_ATTEMPTS = 2
"""A run whose worker vanished is given back once; a second loss is our own trouble."""

A_SECOND = timedelta(seconds=1)
UNREADABLE_AGAIN_AFTER = timedelta(hours=1)
"""When a schedule that cannot be read is looked at again."""


def schedule_due(now: datetime | None = None) -> int:
    """Queues a run for each due monitor and region and moves the monitors on. Returns the number of runs.

    A slot that was missed is run once, late; further missed ones are not caught up.
    """
    now = now or timezone.now()
    _plan_again_after_the_clock_was_set_back(now)
    maintenance.plan_again(now)
    maintenance.end_windows(now)
    queued = 0
    while batch := _schedule_batch(now):
        queued += batch
    return queued


@transaction.atomic
def _schedule_batch(now: datetime) -> int:
    # Another scheduler's rows are skipped; on SQLite the whole transaction is exclusive.
    due = list(Monitor.objects.due(now).select_for_update(skip_locked=True).order_by("next_run_at")[:BATCH])
    if not due:
        return 0
    busy = set(Run.objects.filter(monitor__in=due).unfinished().values_list("monitor_id", "region"))
    skipped = maintenance.skipped(due, now)
    runs = [
        _scheduled_run(monitor, region, monitor.next_run_at, now)
        for monitor in due
        if monitor.next_run_at and monitor.pk not in skipped
        for region in monitor.regions
        # One run at a time: results that overtake each other would open and close incidents at random.
        if (monitor.pk, region) not in busy
    ]
    Run.objects.bulk_create(runs, ignore_conflicts=True)
    for monitor in due:
        _plan(monitor, now)
        if monitor.pk in skipped:
            monitor.expect_runs(now)
    Monitor.objects.bulk_update(due, ["next_run_at", "planned_at"])
    # Read back, since rows that another scheduler had already written were left out.
    written = list(Run.objects.queued().filter(monitor__in=due, queued_at=now))
    for run in [*written, *_runs_of_a_time_that_came_before(runs, written, now)]:
        run.send_after_commit()
    return len(due)


def _scheduled_run(monitor: Monitor, region: str, scheduled_at: datetime, now: datetime) -> Run:
    return Run(
        workspace_id=monitor.workspace_id,
        monitor=monitor,
        region=region,
        type=RunType.SCHEDULED,
        scheduled_at=scheduled_at,
        queued_at=now,
        message_sent_at=now,
    )


def _plan(monitor: Monitor, now: datetime) -> None:
    """One schedule that cannot be read must not stop all others."""
    try:
        monitor.plan(now)
    except (ValueError, RuntimeError):
        log.exception("The next run of monitor %s cannot be planned.", monitor.pk)
        monitor.next_run_at, monitor.planned_at = now + UNREADABLE_AGAIN_AFTER, now
    if monitor.next_run_at is None or monitor.next_run_at <= now:
        log.error("The next run of monitor %s was planned before now.", monitor.pk)
        monitor.next_run_at = now + UNREADABLE_AGAIN_AFTER


def _runs_of_a_time_that_came_before(
    runs: Collection[Run], written: Collection[Run], now: datetime
) -> list[Run]:
    """After the clock was set back its times come again, and their runs are there already. One that is the
    latest of its region was written by another scheduler instead and is left alone."""
    if len(written) == len(runs):
        return []
    done = {(run.monitor_id, run.region) for run in written}
    again = []
    for run in runs:
        if (run.monitor_id, run.region) in done:
            continue
        of_region = Run.objects.filter(monitor=run.monitor_id, region=run.region, type=RunType.SCHEDULED)
        latest = of_region.order_by("-id").first()
        if latest and latest.scheduled_at != run.scheduled_at:
            taken = of_region.filter(scheduled_at__gte=now, scheduled_at__lt=now + A_SECOND).count()
            run.pk, run.scheduled_at = None, now + timedelta(microseconds=taken)
            run.save(force_insert=True)
            again.append(run)
    return again


def _plan_again_after_the_clock_was_set_back(now: datetime) -> None:
    """Monitors that were planned by a clock that was ahead would wait until it has caught up."""
    while _plan_batch_again(now):
        log.warning("The clock was set back: the next runs are planned again.")


@transaction.atomic
def _plan_batch_again(now: datetime) -> int:
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
    """Sends lost messages again and takes runs back from workers that are gone."""
    now = now or timezone.now()
    Run.objects.leased_ahead(now).update(leased_until=now + timedelta(seconds=settings.RUN_LEASE_SECONDS))
    for run in Run.objects.abandoned(now):
        _requeue_abandoned(run, now)
    for run in Run.objects.to_resend(now)[:BATCH]:
        _resend(run, now)
    for region in Run.objects.queued().order_by().values_list("region", flat=True).distinct():
        for run in Run.objects.passed_over(region, now)[:BATCH]:
            _resend(run, now)
    lateness.log_late_regions(now)


def _resend(run: Run, now: datetime) -> None:
    unchanged = Run.objects.queued().filter(pk=run.pk, message_sent_at=run.message_sent_at)
    if unchanged.update(message_sent_at=now, messages_sent=F("messages_sent") + 1):
        run.send_after_commit()


def _requeue_abandoned(run: Run, now: datetime) -> None:
    held = Run.objects.filter(pk=run.pk, lease=run.lease, status=RunStatus.RUNNING)
    if run.attempts < MAX_ATTEMPTS:
        if held.update(
            status=RunStatus.QUEUED, lease=None, leased_until=None, message_sent_at=now, messages_sent=1
        ):
            log.warning("Run %s lost its worker and is queued again.", run.pk)
            run.send_after_commit()
        return
    log.error("Run %s lost its worker %s times.", run.pk, run.attempts)
    held.update(
        status=RunStatus.FINISHED,
        result=Result.SYSTEM_ERROR,
        summary="The worker that ran it stopped.",
        lease=None,
        leased_until=None,
        finished_at=now,
    )
