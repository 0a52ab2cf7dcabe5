"""Celery tasks. They carry ids only; the database holds the truth."""

from celery import shared_task
from django.utils import timezone

from integrations import downtime, outbox, reconciling, rejections, summaries


@shared_task(ignore_result=True)
def deliver(delivery_id: int) -> None:
    """Sends one event, if it is its turn."""
    outbox.deliver(delivery_id)


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Sends what a lost message, a crash or a pause between attempts left waiting. Every few seconds."""
    now = timezone.now()
    downtime.note_pulse(now)
    reconciling.reconcile(now)
    summaries.send_due(now)
    outbox.sweep(now)
    rejections.mail_owners()
