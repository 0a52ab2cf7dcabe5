"""Celery tasks. They carry ids only; the database holds the truth."""

from celery import shared_task
from django.utils import timezone

from monitors import health, late_notices, retention, scheduling, worker
from monitors.models import Heartbeat

SECONDS_OF_DELETION = 40
"""How long `delete_expired` works. The next one starts after a minute."""


@shared_task(ignore_result=True)
def schedule_due_monitors() -> None:
    """Queues the runs that are due. Beat calls it every second."""
    scheduling.schedule_due()


@shared_task(ignore_result=True)
def recover_runs() -> None:
    """Queues again the runs that a lost message or a vanished worker left behind."""
    scheduling.recover_runs()


@shared_task(ignore_result=True)
def ask_regions() -> None:
    """Asks the workers of each region whether they live. Beat calls it every few seconds."""
    now = timezone.now()
    late_notices.note_downtime(now)
    health.ask_regions(now)


@shared_task(ignore_result=True)
def answer_heartbeat(queue: str) -> None:
    """A worker's answer to `ask_regions`: a message of this queue reached it."""
    Heartbeat.record(queue, timezone.now())


@shared_task(ignore_result=True)
def watch_lateness() -> None:
    """Logs which regions are late, and mails the owners of their monitors."""
    late_notices.watch(timezone.now())


@shared_task(ignore_result=True)
def execute_run(run_id: int) -> None:
    """Executes a queued run. A run that is gone, claimed or finished is left alone."""
    worker.execute(run_id)


@shared_task(ignore_result=True)
def delete_expired() -> None:
    """Removes what is older than its workspace keeps, in batches."""
    retention.delete_expired(SECONDS_OF_DELETION)
