"""Sends deliveries: those of a stream in order and one at a time, with retries whose state is in the row.

A worker that dies while it sends leaves a lease that expires. The delivery is then sent again, with the same
dedup key.
"""

import logging
import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from integrations import downtime, incidents
from integrations.base import DeliveryError, ProviderResponse
from integrations.models import Action, Delivery, DeliveryStatus, Integration
from integrations.models.locks import lock_against_delete
from workspaces.fields import SecretUnreadable
from workspaces.json_values import strip_unstorable

log = logging.getLogger(__name__)

RETRY_SECONDS = (30, 60, 120, 300, 600, 1200, 1800)
"""The pause after the first, second … failed attempt. The last one repeats."""

MAX_RETRY_AFTER_SECONDS = 1800
JITTER = 0.2

GIVE_UP_AFTER = timedelta(hours=24)
GIVE_UP_RESOLVE_AFTER = timedelta(days=7)
GIVE_UP_TEST_AFTER = timedelta(minutes=10)

SYSTEM_ERROR = "Postwatch itself failed to send this. The operator finds the reason in the worker's log."

LIMIT_WINDOW = timedelta(seconds=60)
SWEEP_BATCH = 500
IN_WORKSPACE = (Case(When(action=Action.RESOLVE, then=0), default=1), "message_sent_at", "id")
"""Resolves first, then those whose last message is the oldest, so that each gets its turn where many wait."""
TURN_IN_WORKSPACE = Window(RowNumber(), partition_by="workspace", order_by=IN_WORKSPACE)


def sweep(now: datetime | None = None) -> int:
    """Sends messages for the deliveries that are due and have none. Returns their number.

    The workspaces take turns, and resolves come first.
    """
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
    """Sends a delivery, if it is its turn.

    1. Claim it. One that is gone, claimed, finished or not due is left alone.
    2. Send it, outside of any transaction.
    3. Record what came of it, in one transaction with what follows for the incident and the integration.
       Nothing is recorded if another worker has the lease by now.
    4. If it is finished, send a message for the next delivery of its stream.
    """
    if settings.HOLD_DELIVERIES:
        return
    delivery = _claim(delivery_id, timezone.now())
    if delivery is None:
        return
    try:
        response = delivery.get_provider().send(delivery.config, delivery)
    except DeliveryError as error:
        _record_failure(delivery, error, timezone.now())
    except SecretUnreadable as problem:
        log.error("Delivery %s could not be sent: %s", delivery.pk, problem)
        _record_failure(delivery, DeliveryError(str(problem)), timezone.now())
    except Exception:
        # A bug of ours must not lose the event: it is logged, and the event is tried again.
        log.exception("Delivery %s could not be sent.", delivery.pk)
        _record_failure(delivery, DeliveryError(SYSTEM_ERROR, in_doubt=True), timezone.now())
    else:
        _record_acceptance(delivery, response, timezone.now())


@transaction.atomic
def resend(delivery: Delivery) -> Delivery | None:
    """Adds a copy at the end of the stream. What is recorded of this delivery stays as it is.

    None where `Delivery.can_resend` is false.
    """
    # Incidents are opened under this lock: no outage may begin while an old resolve is looked at.
    if delivery.integration_id:
        Integration.objects.select_for_update(no_key=True).filter(pk=delivery.integration_id).first()
    if not delivery.can_resend:
        return None
    action = Action(delivery.action)
    if delivery.incident:
        return delivery.incident.enqueue(action, delivery.body, run=delivery.run)
    assert delivery.integration is not None
    return delivery.integration.enqueue(
        action, delivery.body, run=delivery.run, monitor=delivery.monitor, outage=delivery.outage
    )


def _claim(delivery_id: int, now: datetime) -> Delivery | None:
    """Gives this worker the lease of a delivery that is due and the first of its stream.

    1. Cancel it if it is obsolete, and send a message for the next one of its stream.
    2. Leave it to the next sweep if it is from before a downtime.
    3. Put it off if the provider's rate limit is reached.
    4. Claim it.

    Each step is one conditional update, so closing the incident comes either before it or after it.
    """
    due = Delivery.objects.due(now).filter(pk=delivery_id)
    delivery = due.select_related("incident", "integration").first()
    if delivery is None:
        return None
    due = due.first_of_stream()
    if delivery.is_obsolete:
        # If a worker died while it sent this, the provider may have it, which a resolve must know.
        in_doubt = delivery.in_doubt or delivery.status == DeliveryStatus.SENDING
        if due.update(
            status=DeliveryStatus.CANCELLED,
            finished_at=now,
            lease=None,
            leased_until=None,
            in_doubt=in_doubt,
        ):
            _continue_stream(delivery)
        return None
    if downtime.is_outdated(delivery, now):
        return None
    if wait := _seconds_over_limit(delivery, now):
        due.waiting().update(next_attempt_at=now + timedelta(seconds=wait))
        return None
    return delivery if due.claim(delivery, now, last_attempt_at=now) else None


@transaction.atomic
def _record_acceptance(delivery: Delivery, response: ProviderResponse, now: datetime) -> None:
    lock_against_delete(delivery.integration_id)
    if _finish(delivery, DeliveryStatus.ACCEPTED, now, response.status, strip_unstorable(response.text)):
        incidents.on_accepted(delivery)
        _continue_stream(delivery)


@transaction.atomic
def _record_failure(delivery: Delivery, error: DeliveryError, now: datetime) -> None:
    lock_against_delete(delivery.integration_id)
    text = strip_unstorable(str(error))
    in_doubt = delivery.in_doubt or error.in_doubt
    status = _status_after(delivery, error, now)
    if status == DeliveryStatus.PENDING:
        delivery.requeue(
            next_attempt_at=now + timedelta(seconds=_pause(delivery.attempts, error.retry_after)),
            in_doubt=in_doubt,
            response_status=error.status,
            response_text=text,
        )
    elif _finish(delivery, status, now, error.status, text, in_doubt=in_doubt):
        if status != DeliveryStatus.CANCELLED:
            incidents.on_failed(delivery, text, rejected=status == DeliveryStatus.REJECTED)
        _continue_stream(delivery)


def _status_after(delivery: Delivery, error: DeliveryError, now: datetime) -> DeliveryStatus:
    if error.permanent:
        return DeliveryStatus.REJECTED
    if delivery.incident and delivery.action == Action.TRIGGER:
        delivery.incident.refresh_from_db(fields=["closed_at"])
        if not delivery.incident.is_open:
            return DeliveryStatus.CANCELLED
    is_expired = now - delivery.created_at > _lifetime(delivery)
    return DeliveryStatus.GIVEN_UP if is_expired else DeliveryStatus.PENDING


def _lifetime(delivery: Delivery) -> timedelta:
    if delivery.action == Action.RESOLVE:
        return GIVE_UP_RESOLVE_AFTER
    return GIVE_UP_TEST_AFTER if delivery.is_test else GIVE_UP_AFTER


def _finish(
    delivery: Delivery, status: DeliveryStatus, now: datetime, code: int | None, text: str, **fields: object
) -> bool:
    """False when the lease was lost to another worker, whose record counts."""
    is_kept = delivery.finish(status, finished_at=now, response_status=code, response_text=text, **fields)
    if not is_kept:
        log.warning("Another worker has claimed delivery %s.", delivery.pk)
    return is_kept


def _continue_stream(delivery: Delivery) -> None:
    following = delivery.next_in_stream
    if following is not None and following.is_due:
        following.send_after_commit()


def _pause(attempts: int, retry_after: float | None) -> float:
    """Seconds until the next attempt: not less than the provider asks for, up to a maximum."""
    if retry_after is not None:
        return min(retry_after, MAX_RETRY_AFTER_SECONDS) * random.uniform(1, 1 + JITTER)
    seconds = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1]
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)


def _seconds_over_limit(delivery: Delivery, now: datetime) -> float:
    """How long the provider's rate limit delays this delivery. Resolves that wait come first."""
    limit = delivery.get_provider().calls_per_minute
    if limit is None or not delivery.channel:
        return 0
    channel = Delivery.objects.filter(channel=delivery.channel)
    # Attempts in the future were made before the clock was set back.
    recent = channel.filter(last_attempt_at__gt=now - LIMIT_WINDOW, last_attempt_at__lt=now + LIMIT_WINDOW)
    used = recent.count()
    if delivery.action != Action.RESOLVE and used:
        used += channel.due(now).filter(action=Action.RESOLVE).count()
    if used < limit:
        return 0
    oldest = recent.order_by("last_attempt_at").values_list("last_attempt_at", flat=True).first()
    free_in = (oldest + LIMIT_WINDOW - now).total_seconds() if oldest else LIMIT_WINDOW.total_seconds()
    return max(free_in, 0) + random.uniform(0.1, 2)
