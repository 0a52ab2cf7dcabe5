"""Celery tasks. They carry ids only; the database holds the truth."""

import threading

from celery import shared_task
from django.utils import timezone

from integrations import downtime, outbox, reconciling, rejections, summaries

# Fewer than the process has threads (Procfile): the rest go on scheduling while a provider is slow to answer.
sending = threading.BoundedSemaphore(12)
SECONDS_WITHOUT_ROOM = 1


@shared_task(ignore_result=True)
def deliver(delivery_id: int) -> None:
    """Sends one event, if it is its turn."""
    if not sending.acquire(blocking=False):
        deliver.apply_async((delivery_id,), countdown=SECONDS_WITHOUT_ROOM)
        return
    try:
        outbox.deliver(delivery_id)
    finally:
        sending.release()


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Sends what a lost message, a crash or a pause between attempts left waiting. Every few seconds."""
    now = timezone.now()
    downtime.note_pulse(now)
    reconciling.reconcile(now)
    summaries.send_due(now)
    outbox.sweep(now)
    rejections.mail_owners()
