"""Celery tasks. They carry ids only; the database holds the truth."""

from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from integrations import (
    clock,
    downtime,
    heartbeat,
    holding,
    late,
    outbox,
    reconciling,
    rejections,
    retention,
    slots,
    summaries,
)

SECONDS_OF_DELETION = 60
"""How long `delete_expired` works. The next one starts after ten minutes."""

# Short at first, since most bursts are over by then.
NO_SLOT_RETRY_SECONDS = (0.1, 1, 2, 3)


@shared_task(ignore_result=True)
def send_delivery(
    delivery_id: int, pages: bool = True, retries: int = 0, workspace_id: UUID | None = None
) -> None:
    """Sends one event, if it is its turn."""
    pool = slots.paging if pages else slots.not_paging
    with pool.slot(workspace_id) as acquired:
        if acquired:
            outbox.deliver(delivery_id)
            return
    # After the last retry the sweep sends a new message: two for one delivery would only fill the broker.
    if retries < len(NO_SLOT_RETRY_SECONDS):
        send_delivery.apply_async(
            (delivery_id, pages, retries + 1, workspace_id), countdown=NO_SLOT_RETRY_SECONDS[retries]
        )


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Sends what a lost message, a crash or a pause between attempts left behind. Beat calls it often."""
    now = timezone.now()
    holding.record_setting(now)
    downtime.record_heartbeat(now)
    clock.correct(now)
    if settings.HOLD_DELIVERIES:
        return
    reconciling.reconcile(now)
    summaries.send_due(now)
    outbox.sweep(now)
    rejections.mail_owners()


@shared_task(ignore_result=True)
def delete_expired() -> None:
    """Removes deliveries and incidents that ended long ago, in batches."""
    retention.delete_expired(SECONDS_OF_DELETION)


@shared_task(ignore_result=True)
def page_late_monitors() -> None:
    """Opens and closes the incidents of monitors that do not run. Beat calls it regularly."""
    late.page(timezone.now())


@shared_task(ignore_result=True)
def call_heartbeat_url() -> None:
    """Shows somebody outside that all is well. Beat calls it every minute."""
    heartbeat.call(timezone.now())
