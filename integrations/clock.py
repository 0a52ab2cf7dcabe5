"""After the machine's clock was set back, nothing waits until it has caught up with the times it wrote."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from integrations.models import Action, Delivery, DeliveryStatus, Integration
from integrations.models.deliveries import FAILED
from integrations.outbox import JITTER, LEASE, MAX_RETRY_AFTER_SECONDS
from monitors.models.monitors import CLOCK_TOLERANCE

log = logging.getLogger(__name__)

MAX_PAUSE = timedelta(seconds=MAX_RETRY_AFTER_SECONDS * (1 + JITTER))
MAX_BETWEEN_SUMMARIES = timedelta(days=8)
"""A week, and what a change of the time zone's clocks may add."""


def correct(now: datetime) -> None:
    """Call in every sweep, before anything is sent."""
    latest = now + CLOCK_TOLERANCE
    _send_postponed(now, latest)
    sending = Delivery.objects.filter(status=DeliveryStatus.SENDING, leased_until__gt=latest + LEASE)
    sending.update(leased_until=now + LEASE)
    # A refused resolve is sent again some hours after its end.
    refused = Delivery.objects.filter(action=Action.RESOLVE, status__in=FAILED)
    refused.filter(finished_at__gt=latest).update(finished_at=now)
    _plan_summaries_again(now)


def _send_postponed(now: datetime, latest: datetime) -> None:
    """Those whose pause was written by a clock that was ahead. One that failed since has a pause of now."""
    planned_ahead = Q(last_attempt_at__gt=latest) | Q(last_attempt_at=None, created_at__gt=latest)
    postponed = Delivery.objects.pending().filter(
        planned_ahead | Q(next_attempt_at__gt=latest + MAX_PAUSE), next_attempt_at__gt=latest
    )
    if count := postponed.update(next_attempt_at=now):
        log.warning("The clock was set back: %d deliveries are sent now.", count)


def _plan_summaries_again(now: datetime) -> None:
    for integration in Integration.objects.filter(next_summary_at__gt=now + MAX_BETWEEN_SUMMARIES):
        if integration.is_readable:
            following = integration.get_provider().next_summary(integration.config, now)
            Integration.objects.filter(pk=integration.pk).update(next_summary_at=following)
