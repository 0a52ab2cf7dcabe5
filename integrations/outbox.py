"""Sends deliveries: one at a time in each stream, with retries whose state stands in the row.

A worker claims a delivery by a conditional update that gives it a lease, sends, and records the answer only
while it holds the lease. Whoever dies in between leaves a lease that runs out, and the delivery is sent again
under the same dedup key.
"""

import logging
import random
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from integrations import downtime, incidents
from integrations.base import DeliveryError, ProviderResponse
from integrations.models import Action, Delivery, DeliveryStatus, Integration
from integrations.models.deliveries import DeliveryQuerySet
from monitors.storable import storable
from workspaces.fields import SecretUnreadable

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Longer than the longest request (`integrations.http`)."""

RETRY_SECONDS = (30, 60, 120, 300, 600, 1200, 1800)
"""The pause after the first, second … failed attempt; the last one repeats."""

MAX_RETRY_AFTER_SECONDS = 1800
JITTER = 0.2

GIVE_UP_AFTER = timedelta(hours=24)
GIVE_UP_RESOLVE_AFTER = timedelta(days=7)
GIVE_UP_TEST_AFTER = timedelta(minutes=10)

OWN_ERROR = "Postwatch itself failed to send this; the operator finds the reason in the worker's log."

LIMIT_WINDOW = timedelta(seconds=60)
SWEEP_BATCH = 500
IN_WORKSPACE = (Case(When(action=Action.RESOLVE, then=0), default=1), "message_sent_at", "id")
"""Resolves first; then the longest without a message, so that none is passed over where many wait."""
TURN_IN_WORKSPACE = Window(RowNumber(), partition_by="workspace", order_by=IN_WORKSPACE)


def sweep(now: datetime | None = None) -> int:
    """Sends messages for deliveries that are due and have none, of all workspaces in turn; resolves first."""
    now = now or timezone.now()
    due = (
        Delivery.objects.due(now)
        .first_of_stream()
        .with_lost_message(now)
        .alias(turn=TURN_IN_WORKSPACE)
        .order_by("turn", *IN_WORKSPACE)[:SWEEP_BATCH]
    )
    deliveries = list(due)
    with transaction.atomic():
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(message_sent_at=now)
        for delivery in deliveries:
            delivery.send_after_commit()
    return len(deliveries)


def deliver(delivery_id: int) -> None:
    """Sends the delivery if it is its turn. One that is gone, taken, finished or not due is left alone."""
    if settings.HOLD_DELIVERIES:
        return
    delivery = _claim(delivery_id, timezone.now())
    if delivery is None:
        return
    try:
        answer = delivery.get_provider().send(delivery.config, delivery)
    except DeliveryError as error:
        _record_failure(delivery, error, timezone.now())
    except SecretUnreadable as problem:
        log.error("Delivery %s could not be sent: %s", delivery.pk, problem)
        _record_failure(delivery, DeliveryError(str(problem)), timezone.now())
    except Exception:
        # What breaks here is our trouble: it is told in the log and the row, and the event is tried again.
        log.exception("Delivery %s could not be sent.", delivery.pk)
        _record_failure(delivery, DeliveryError(OWN_ERROR, in_doubt=True), timezone.now())
    else:
        _record_acceptance(delivery, answer, timezone.now())


def _claim(delivery_id: int, now: datetime) -> Delivery | None:
    """Takes it by one conditional update: who closes its incident meanwhile comes before or after."""
    due = Delivery.objects.due(now).filter(pk=delivery_id)
    delivery = due.select_related("incident", "integration").first()
    if delivery is None:
        return None
    mine = due.first_of_stream()
    if delivery.is_obsolete:
        # One whose worker died while sending may have reached the provider, which a resolve must know.
        in_doubt = delivery.in_doubt or delivery.status == DeliveryStatus.SENDING
        if mine.update(
            status=DeliveryStatus.CANCELLED, finished_at=now, lease=None, leased_until=None, in_doubt=in_doubt
        ):
            _continue_stream(delivery)
        return None
    if downtime.is_outdated(delivery, now):
        return None
    if wait := _seconds_over_limit(delivery, now):
        mine.filter(status=DeliveryStatus.PENDING).update(next_attempt_at=now + timedelta(seconds=wait))
        return None
    delivery.lease = uuid.uuid4()
    delivery.attempts += 1
    claimed = mine.update(
        status=DeliveryStatus.SENDING,
        lease=delivery.lease,
        leased_until=now + LEASE,
        attempts=delivery.attempts,
        last_attempt_at=now,
    )
    return delivery if claimed else None


@transaction.atomic
def _record_acceptance(delivery: Delivery, answer: ProviderResponse, now: datetime) -> None:
    _hold_integration(delivery)
    if _finish(delivery, DeliveryStatus.ACCEPTED, now, answer.status, storable(answer.text)):
        incidents.on_accepted(delivery)
        _continue_stream(delivery)


@transaction.atomic
def _record_failure(delivery: Delivery, error: DeliveryError, now: datetime) -> None:
    _hold_integration(delivery)
    words = storable(str(error))
    status = _state_after(delivery, error, now)
    if status != DeliveryStatus.PENDING:
        if _finish(delivery, status, now, error.status, words, in_doubt=error.in_doubt):
            if status != DeliveryStatus.CANCELLED:
                incidents.on_rejected(delivery, words, rejected=status == DeliveryStatus.REJECTED)
            _continue_stream(delivery)
        return
    _held(delivery).update(
        status=DeliveryStatus.PENDING,
        lease=None,
        leased_until=None,
        next_attempt_at=now + timedelta(seconds=_pause(delivery.attempts, error.retry_after)),
        in_doubt=delivery.in_doubt or error.in_doubt,
        response_status=error.status,
        response_text=words,
    )


def _state_after(delivery: Delivery, error: DeliveryError, now: datetime) -> DeliveryStatus:
    if error.permanent:
        return DeliveryStatus.REJECTED
    if delivery.incident and delivery.action == Action.TRIGGER:
        delivery.incident.refresh_from_db(fields=["closed_at"])
        if not delivery.incident.is_open:
            return DeliveryStatus.CANCELLED
    return (
        DeliveryStatus.GIVEN_UP
        if now - delivery.created_at > _longest_life(delivery)
        else DeliveryStatus.PENDING
    )


def _longest_life(delivery: Delivery) -> timedelta:
    if delivery.action == Action.RESOLVE:
        return GIVE_UP_RESOLVE_AFTER
    return GIVE_UP_TEST_AFTER if delivery.is_test else GIVE_UP_AFTER


def _finish(
    delivery: Delivery,
    status: DeliveryStatus,
    now: datetime,
    code: int | None,
    text: str,
    *,
    in_doubt: bool = False,
) -> bool:
    """False when the lease was lost to another worker, whose record counts."""
    finished = _held(delivery).update(
        status=status,
        lease=None,
        leased_until=None,
        finished_at=now,
        response_status=code,
        response_text=text,
        in_doubt=delivery.in_doubt or in_doubt,
    )
    if not finished:
        log.warning("Delivery %s was taken over by another worker.", delivery.pk)
    return finished == 1


def _hold_integration(delivery: Delivery) -> None:
    """Comes before the delivery in the order of locks (`integrations.incidents`)."""
    if delivery.integration_id:
        Integration.objects.hold(delivery.integration_id)


def _held(delivery: Delivery) -> DeliveryQuerySet:
    return Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.SENDING, lease=delivery.lease)


def _continue_stream(delivery: Delivery) -> None:
    following = delivery.next_in_stream
    if following is not None and following.next_attempt_at <= timezone.now():
        following.send_after_commit()


def _pause(attempts: int, retry_after: float | None) -> float:
    """Seconds until the next attempt; never sooner than the provider asked for, up to a cap."""
    if retry_after is not None:
        return min(retry_after, MAX_RETRY_AFTER_SECONDS) * random.uniform(1, 1 + JITTER)
    seconds = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1]
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)


def _seconds_over_limit(delivery: Delivery, now: datetime) -> float:
    """How long to hold the delivery back for the provider's limit. Resolves that wait are served first."""
    limit = delivery.get_provider().calls_per_minute
    if limit is None or not delivery.channel:
        return 0
    channel = Delivery.objects.filter(channel=delivery.channel)
    # Attempts of the future were made before the clock was set back.
    recent = channel.filter(last_attempt_at__gt=now - LIMIT_WINDOW, last_attempt_at__lt=now + LIMIT_WINDOW)
    used = recent.count()
    if delivery.action != Action.RESOLVE and used:
        used += channel.due(now).filter(action=Action.RESOLVE).count()
    if used < limit:
        return 0
    oldest = recent.order_by("last_attempt_at").values_list("last_attempt_at", flat=True).first()
    free_in = (oldest + LIMIT_WINDOW - now).total_seconds() if oldest else LIMIT_WINDOW.total_seconds()
    return max(free_in, 0) + random.uniform(0.1, 2)
