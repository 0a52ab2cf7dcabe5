"""Corrects stored times after the machine's clock was set back: nothing waits until it has caught up."""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from integrations.models import Action, Delivery, Integration
from integrations.models.deliveries import FAILED
from integrations.outbox import JITTER, MAX_RETRY_AFTER_SECONDS
from monitors.clock import CLOCK_TOLERANCE

log = logging.getLogger(__name__)

MAX_PAUSE = timedelta(seconds=MAX_RETRY_AFTER_SECONDS * (1 + JITTER))
MAX_BETWEEN_SUMMARIES = timedelta(days=8)
"""A week, and what a change to or from daylight saving time may add."""


def correct(now: datetime) -> None:
    """Call in every sweep, before anything is sent."""
    latest = now + CLOCK_TOLERANCE
    _send_postponed(now, latest)
    Delivery.objects.shorten_leases_ahead(now)
    # A failed resolve is resent some hours after it ended.
    failed = Delivery.objects.filter(action=Action.RESOLVE, status__in=FAILED)
    failed.filter(finished_at__gt=latest).update(finished_at=now)
    _replan_summaries(now)


def _send_postponed(now: datetime, latest: datetime) -> None:
    """Sends deliveries whose pause was written by a clock that was ahead, unless they were tried since."""
    planned_ahead = Q(last_attempt_at__gt=latest) | Q(last_attempt_at=None, created_at__gt=latest)
    postponed = Delivery.objects.waiting().filter(
        planned_ahead | Q(next_attempt_at__gt=latest + MAX_PAUSE), next_attempt_at__gt=latest
    )
    if count := postponed.update(next_attempt_at=now):
        log.warning("The clock was set back: %d deliveries are sent now.", count)


def _replan_summaries(now: datetime) -> None:
    for integration in Integration.objects.filter(next_summary_at__gt=now + MAX_BETWEEN_SUMMARIES):
        if integration.is_readable:
            following = integration.get_provider().next_summary(integration.config, now)
            Integration.objects.filter(pk=integration.pk).update(next_summary_at=following)
