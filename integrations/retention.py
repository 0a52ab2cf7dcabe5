"""Removes deliveries and incidents that ended long ago, e-mails among them.

What an open incident needs to be resolved stays, however old it is.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from integrations.models import Delivery, Incident
from monitors.models.retention import A_MONTH
from workspaces.deletion import delete_batch

BATCH = 2000
PAUSE_SECONDS = 0.02
"""The shortest pause after a batch, in which others can write: SQLite allows one writer at a time."""


def delete_expired(seconds: float) -> None:
    """Removes batches for at most `seconds`."""
    deadline = time.monotonic() + seconds
    now = timezone.now()
    for model, pks in _expired(now):
        started = time.monotonic()
        if pks:
            delete_batch(model, pks)
            time.sleep(max(PAUSE_SECONDS, time.monotonic() - started))
        if time.monotonic() > deadline:
            return


def _expired(now: datetime) -> Iterator[tuple[type[models.Model], list[object]]]:
    yield from _expired_incidents(now - A_MONTH * settings.KEEP_STATISTICS_MONTHS)
    yield from _expired_deliveries(now - timedelta(days=settings.KEEP_DELIVERIES_DAYS))


def _expired_incidents(before: datetime) -> Iterator[tuple[type[models.Model], list[object]]]:
    closed = Incident.objects.filter(opened_at__lt=before, closed_at__lt=before).order_by("opened_at", "pk")
    while pks := list(closed.values_list("pk", flat=True)[:BATCH]):
        yield Incident, list(pks)


def _expired_deliveries(before: datetime) -> Iterator[tuple[type[models.Model], list[object]]]:
    """Ids grow with time, so it passes them in order until it comes to the first one that is young enough."""
    last = 0
    while rows := list(
        takewhile(
            lambda row: row[1] < before,
            Delivery.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "created_at")[:BATCH],
        )
    ):
        passed = [pk for pk, _ in rows]
        last = passed[-1]
        over = Q(incident=None) | Q(incident__closed_at__isnull=False)
        expired = Delivery.objects.filter(over, pk__in=passed, finished_at__lt=before)
        yield Delivery, list(expired.values_list("pk", flat=True))
