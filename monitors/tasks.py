"""Celery tasks. They carry ids only; the database holds the truth."""

from celery import shared_task

from monitors import retention, scheduling, worker

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
def execute_run(run_id: int) -> None:
    """Executes a queued run. A run that is gone, claimed or finished is left alone."""
    worker.execute(run_id)


@shared_task(ignore_result=True)
def delete_expired() -> None:
    """Removes what is older than its workspace keeps, in batches."""
    retention.delete_expired(SECONDS_OF_DELETION)
