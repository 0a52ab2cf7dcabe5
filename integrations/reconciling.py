"""Closes incidents that nothing else closes, and resends resolves that failed."""

from datetime import datetime, timedelta

from django.db.models import Q

from integrations import incidents, outbox
from integrations.models import ClosedBecause, Delivery, Incident

RESEND_AFTER = timedelta(hours=6)
RESEND_FOR = timedelta(days=30)
BATCH = 100


def reconcile(now: datetime) -> None:
    """Call in every sweep."""
    _close_orphans()
    _resend_resolves(now)


def _close_orphans() -> None:
    """Closes incidents that a run opened at the moment when their integration or monitor was deleted."""
    is_deleted = Q(integration=None) | Q(integration__deleted_at__isnull=False) | Q(monitor=None)
    orphans = Incident.objects.open().without_tests().filter(is_deleted)
    incidents.close_all(orphans, ClosedBecause.DELETED)


def _resend_resolves(now: datetime) -> None:
    """A resolve that was not accepted leaves an incident open, which would hide the next outage."""
    failed = Delivery.objects.failed_resolves(before=now - RESEND_AFTER)
    for delivery in failed.filter(incident__closed_at__gt=now - RESEND_FOR)[:BATCH]:
        outbox.resend(delivery)
