"""Removes what people left behind: sessions that have expired, and invitations that ended long ago."""

import time
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from workspaces.deletion import LEAF_BATCH, PAUSE_SECONDS
from workspaces.models import Invitation

INVITATIONS_KEPT = timedelta(days=90)
"""How long after its end an invitation can still be looked up in the admin."""


def delete_expired() -> None:
    """Removes them in batches."""
    now = timezone.now()
    for rows in (Session.objects.filter(expire_date__lt=now), ended_invitations(now - INVITATIONS_KEPT)):
        while _delete_batch(rows):
            time.sleep(PAUSE_SECONDS)


def ended_invitations(before: datetime) -> QuerySet[Invitation]:
    """Invitations that were accepted, revoked or expired before that time."""
    ended = Q(accepted_at__lt=before) | Q(revoked_at__lt=before)
    return Invitation.objects.filter(ended | Q(accepted_at=None, revoked_at=None, expires_at__lt=before))


def _delete_batch(rows: QuerySet[Session] | QuerySet[Invitation]) -> int:
    pks = list(rows.values_list("pk", flat=True)[:LEAF_BATCH])
    deleted, _ = rows.model._default_manager.filter(pk__in=pks).delete()
    return deleted
