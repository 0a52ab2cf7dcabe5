"""Removes deliveries and incidents that ended long ago, e-mails among them.

What an open incident needs to be resolved stays, however old it is. So does what says when an outage was
reported, as long as the outage (`integrations.outage_lines`).
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from integrations.models import Action, Delivery, DeliveryStatus, Incident, Installation
from monitors.models.retention import A_MONTH
from workspaces.deletion import delete_batch, pause_after

BATCH = 2000


def delete_expired(seconds: float) -> None:
    """Removes batches for at most `seconds`."""
    deadline = time.monotonic() + seconds
    now = timezone.now()
    for model, pks in _expired(now):
        started = time.monotonic()
        if pks:
            delete_batch(model, pks)
            pause_after(started)
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
    """Ids grow with time, so it passes them in order until it comes to the first one that is young enough.

    It begins where the last task ended, or at the first one that took so long that it is to be looked at
    again. What is kept with an outage or an incident is removed with it.
    """
    last, all_are_over = Installation.this().deliveries_to, True
    while rows := _created_before(before, after=last):
        last = rows[-1].pk
        expired = Delivery.objects.filter(
            ~_is_kept(), pk__in=[row.pk for row in rows], finished_at__lt=before
        )
        yield Delivery, list(expired.values_list("pk", flat=True))
        over = list(takewhile(lambda row: row.finished_at and row.finished_at < before, rows))
        if all_are_over and over:
            Installation.objects.update(deliveries_to=over[-1].pk)
        all_are_over = all_are_over and len(over) == len(rows)


class Passed(NamedTuple):
    """What is read of a delivery."""

    pk: int
    created_at: datetime
    finished_at: datetime | None


def _created_before(before: datetime, after: int) -> list[Passed]:
    """One batch of deliveries with higher ids."""
    rows = Delivery.objects.filter(pk__gt=after).order_by("pk").values_list(*Passed._fields)[:BATCH]
    return list(takewhile(lambda row: row.created_at < before, map(Passed._make, rows)))


def _is_kept() -> Q:
    """Whether a delivery is kept longer: the event of an outage, or of an incident that is open, or one from
    which the line of an outage is made: the first trigger and the last resolve that were accepted, and the
    last event."""
    of_incident = Delivery.objects.filter(incident=OuterRef("incident"))
    accepted = of_incident.filter(status=DeliveryStatus.ACCEPTED)
    earlier = accepted.filter(action=Action.TRIGGER, id__lt=OuterRef("id"))
    later = accepted.filter(action=Action.RESOLVE, id__gt=OuterRef("id"))
    decides = (
        Q(~Exists(earlier), status=DeliveryStatus.ACCEPTED, action=Action.TRIGGER)
        | Q(~Exists(later), status=DeliveryStatus.ACCEPTED, action=Action.RESOLVE)
        | Q(~Exists(of_incident.filter(id__gt=OuterRef("id"))))
    )
    is_open = Q(incident__isnull=False, incident__closed_at=None)
    return is_open | Q(outage__isnull=False) | (Q(incident__outage__isnull=False) & decides)
