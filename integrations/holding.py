"""HOLD_DELIVERIES: nothing is sent, and deliveries wait until the operator switches it off.

So a restored copy of an installation, which has the keys of the original, notifies nobody by mistake.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from integrations import downtime, incidents
from integrations.base import RunProvider
from integrations.models import Action, ClosedBecause, Delivery, DeliveryStatus, Installation
from integrations.outbox import GIVE_UP_AFTER, GIVE_UP_RESOLVE_AFTER, GIVE_UP_TEST_AFTER
from integrations.registry import all_providers

log = logging.getLogger(__name__)

EXPIRED = "HOLD_DELIVERIES held it for so long that it is too old to be sent."
OUTAGE_OVER = "Not sent: the outage was over when HOLD_DELIVERIES ended."


def log_start(**kwargs: object) -> None:
    """Call when a process starts."""
    if settings.HOLD_DELIVERIES:
        log.warning("HOLD_DELIVERIES is on: nothing is sent through any integration.")


def record_setting(now: datetime) -> None:
    """Call in every sweep, before anything is sent."""
    installation = Installation.this()
    if settings.HOLD_DELIVERIES and installation.held_since is None:
        log.warning("Deliveries are held from now on.")
        installation.record_hold(now)
    if not settings.HOLD_DELIVERIES and installation.held_since is not None:
        log.warning("Deliveries that were held since %s are released.", installation.held_since)
        _release(now)
        # This comes last: until then, workers leave old deliveries alone (`downtime.is_outdated`).
        installation.record_hold(None)


def _release(now: datetime) -> None:
    """Drops what is too old to be of use, and leaves the rest to the sweep."""
    downtime.drop_stale_triggers(now, ClosedBecause.HELD)
    _cancel_mail_about_past_outages(now)
    _give_up_what_expired(now)


def _cancel_mail_about_past_outages(now: datetime) -> None:
    """Nobody needs mail about monitors that failed and recovered during the hold."""
    providers = [provider for provider in all_providers() if isinstance(provider, RunProvider)]
    mailing = [provider.slug for provider in providers if provider.notifies_people]
    is_over = Q(monitor=None) | Q(monitor__failing_since=None)
    mails = Delivery.objects.waiting().filter(is_over, provider__in=mailing, action=Action.RESULT)
    old = mails.filter(is_test=False, created_at__lt=now - downtime.DOWNTIME)
    old.update(status=DeliveryStatus.CANCELLED, finished_at=now, response_text=OUTAGE_OVER)


def _give_up_what_expired(now: datetime) -> None:
    """Gives up deliveries that would have been given up without the hold."""
    resolves, tests = Q(action=Action.RESOLVE), Q(is_test=True)
    expired = (
        Q(resolves, created_at__lt=now - GIVE_UP_RESOLVE_AFTER)
        | Q(~resolves & tests, created_at__lt=now - GIVE_UP_TEST_AFTER)
        | Q(~resolves & ~tests, created_at__lt=now - GIVE_UP_AFTER)
    )
    for delivery in Delivery.objects.waiting().filter(expired).order_by("id").iterator():
        _give_up(delivery, now)


@transaction.atomic
def _give_up(delivery: Delivery, now: datetime) -> None:
    """Ends a delivery so that its run log shows why it was not sent."""
    given_up = Delivery.objects.waiting().filter(pk=delivery.pk)
    if given_up.update(status=DeliveryStatus.GIVEN_UP, finished_at=now, response_text=EXPIRED):
        incidents.on_failed(delivery, EXPIRED, rejected=False)
