"""From the clock to queued runs, and back to the queue for runs that a worker or the broker lost."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitors import maintenance
from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunType, Status

log = logging.getLogger(__name__)

BATCH = 500
TIMES_TO_TRY = 2
"""A run whose worker vanished is given back once; a second loss is our own trouble."""


def schedule_due(now: datetime | None = None) -> int:
    """Queues a run for each due monitor and region and moves the monitors on. Returns the number of runs.

    A slot that was missed is run once, late; further missed ones are not caught up.
    """
    now = now or timezone.now()
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
        Run(
            workspace_id=monitor.workspace_id,
            monitor=monitor,
            region=region,
            type=RunType.SCHEDULED,
            scheduled_at=monitor.next_run_at,
            queued_at=now,
        )
        for monitor in due
        if monitor.next_run_at and monitor.pk not in skipped
        for region in monitor.regions
        # One run at a time: results that overtake each other would open and close incidents at random.
        if (monitor.pk, region) not in busy
    ]
    Run.objects.bulk_create(runs, ignore_conflicts=True)
    for monitor in due:
        monitor.next_run_at = monitor.next_time(now)
    Monitor.objects.bulk_update(due, ["next_run_at"])
    # Read back, since rows that another scheduler had already written were left out.
    for run in Run.objects.filter(monitor__in=due, queued_at=now, status=Status.QUEUED):
        run.send_after_commit()
    return len(due)


def recover_runs(now: datetime | None = None) -> None:
    """Sends lost messages again and takes runs back from workers that are gone."""
    now = now or timezone.now()
    for run in Run.objects.abandoned(now):
        _take_back(run, now)
    for run in Run.objects.forgotten(now)[:BATCH]:
        if Run.objects.filter(pk=run.pk, queued_at=run.queued_at, status=Status.QUEUED).update(queued_at=now):
            run.send_after_commit()


def _take_back(run: Run, now: datetime) -> None:
    held = Run.objects.filter(pk=run.pk, lease=run.lease, status=Status.RUNNING)
    if run.times_taken < TIMES_TO_TRY:
        if held.update(status=Status.QUEUED, lease=None, leased_until=None, queued_at=now):
            log.warning("Run %s lost its worker and is queued again.", run.pk)
            run.send_after_commit()
        return
    log.error("Run %s lost its worker %s times.", run.pk, run.times_taken)
    held.update(
        status=Status.FINISHED,
        result=Result.SYSTEM_ERROR,
        summary="The worker that ran it stopped.",
        lease=None,
        leased_until=None,
        finished_at=now,
    )
