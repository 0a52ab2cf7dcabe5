"""Enqueues the summaries that providers offer, each one once."""

from datetime import datetime
from itertools import islice

from django.db import transaction

from integrations.models import Action, Integration

BATCH = 50


def send_due(now: datetime) -> None:
    """Call in every sweep. Of several missed summaries, only the last one is sent."""
    due = Integration.objects.filter(next_summary_at__lte=now).order_by("next_summary_at")
    # Integrations whose encryption key is missing wait for it. They must not fill the batch meanwhile.
    readable = (integration for integration in due if integration.is_readable)
    for integration in islice(readable, BATCH):
        _send(integration, now)


@transaction.atomic
def _send(integration: Integration, now: datetime) -> None:
    provider = integration.get_provider()
    due_at = integration.next_summary_at
    following = provider.next_summary(integration.config, now)
    moved = Integration.objects.filter(pk=integration.pk, next_summary_at=due_at)
    if moved.update(next_summary_at=following) and due_at and integration.may_page:
        for body in provider.summary_events(integration, due_at):
            integration.enqueue(Action.SUMMARY, body, monitor=integration.monitor)
