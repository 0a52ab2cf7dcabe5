"""Sends the summaries that providers offer, each once."""

from datetime import datetime
from itertools import islice

from django.db import transaction

from integrations.models import Action, Delivery, Integration

BATCH = 50


def send_due(now: datetime) -> None:
    """Call in every sweep. Of summaries that were missed, the last one is sent."""
    due = Integration.objects.filter(next_summary_at__lte=now).order_by("next_summary_at")
    # Those whose encryption key is missing wait for it, and must not fill the batch meanwhile.
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
            Delivery.of_integration(integration, Action.SUMMARY, body, monitor=integration.monitor)
