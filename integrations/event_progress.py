"""The progress of a test event, step by step, for the person who sent it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from integrations.models import Action, Delivery, DeliveryStatus
from integrations.models.deliveries import FAILED, HELD


@dataclass(frozen=True)
class Step:
    """One line of the progress."""

    badge: str
    """A key of `states.BADGES`."""
    label: str
    at: datetime | None = None
    note: str = ""


def is_over(test: Delivery) -> bool:
    """Whether nothing more happens to the event, nor to the resolve that follows it."""
    resolve = _resolve_of(test)
    return test.is_finished and (resolve is None or resolve.is_finished)


def steps(test: Delivery) -> list[Step]:
    """What has happened so far. `test` is the delivery that `Integration.send_test` returned."""
    name = test.get_provider().name
    resolve = _resolve_of(test)
    return [
        Step("successful" if test.attempts else "queued", "Queued", test.created_at, _hold_note(test)),
        *_sending(test, name),
        *(_resolving(resolve, name) if resolve else []),
    ]


def _hold_note(test: Delivery) -> str:
    return HELD if settings.HOLD_DELIVERIES and not test.attempts else ""


def _resolve_of(test: Delivery) -> Delivery | None:
    if test.incident is None:
        return None
    return test.incident.deliveries.filter(action=Action.RESOLVE).order_by("id").last()


def _sending(delivery: Delivery, name: str) -> list[Step]:
    if not delivery.attempts:
        return []
    if delivery.status == DeliveryStatus.ACCEPTED:
        return [
            Step("successful", f"Sent to {name}", delivery.last_attempt_at),
            Step("successful", f"Accepted by {name}", delivery.finished_at),
        ]
    if delivery.status in FAILED:
        label = f"Rejected by {name}" if delivery.status == DeliveryStatus.REJECTED else "Given up"
        return [Step("failing", label, delivery.finished_at, delivery.response_text)]
    if delivery.status == DeliveryStatus.SENDING:
        return [Step("running", f"Sending to {name}", delivery.last_attempt_at)]
    if delivery.next_attempt_at > timezone.now():
        return [
            Step("error", "Not accepted yet, tried again", delivery.next_attempt_at, delivery.response_text)
        ]
    return [Step("error", "Not accepted yet, waits to be tried again", None, delivery.response_text)]


def _resolving(delivery: Delivery, name: str) -> list[Step]:
    if delivery.status == DeliveryStatus.ACCEPTED:
        return [Step("successful", "Resolved", delivery.finished_at)]
    if delivery.status in FAILED:
        return [Step("failing", "Not resolved", delivery.finished_at, delivery.response_text)]
    if settings.HOLD_DELIVERIES:
        return [Step("queued", "Resolves itself later", None, HELD)]
    if delivery.next_attempt_at > timezone.now():
        label = "Not resolved yet, tried again" if delivery.attempts else "Resolves itself"
        return [Step("queued", label, delivery.next_attempt_at, delivery.response_text)]
    return [Step("running", "Resolving", None, delivery.response_text)]
