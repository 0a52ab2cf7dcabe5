"""Celery tasks. They carry ids only; the database holds the truth."""

from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from integrations import clock, downtime, holding, outbox, reconciling, rejections, slots, summaries

# A moment at first, since many a rush is over by then.
NO_SLOT_RETRY_SECONDS = (0.1, 1, 2, 3)


@shared_task(ignore_result=True)
def deliver(delivery_id: int, pages: bool = True, turn: int = 0, workspace_id: UUID | None = None) -> None:
    """Sends one event, if it is its turn."""
    with slots.take(workspace_id, pages=pages) as acquired:
        if acquired:
            outbox.deliver(delivery_id)
            return
    # After the last turn the sweep sends a new message: two of one delivery would only fill the broker.
    if turn < len(NO_SLOT_RETRY_SECONDS):
        deliver.apply_async(
            (delivery_id, pages, turn + 1, workspace_id), countdown=NO_SLOT_RETRY_SECONDS[turn]
        )


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Sends what a lost message, a crash or a pause between attempts left waiting. Every few seconds."""
    now = timezone.now()
    holding.note(now)
    downtime.record_heartbeat(now)
    clock.correct(now)
    if settings.HOLD_DELIVERIES:
        return
    reconciling.reconcile(now)
    summaries.send_due(now)
    outbox.sweep(now)
    rejections.mail_owners()
