"""How far a test event is, step by step, for the person who sent it."""

from dataclasses import dataclass
from datetime import datetime

from integrations.models import Action, Delivery, Incident, State


@dataclass(frozen=True)
class Step:
    look: str
    """A key of `states.LOOKS`."""
    word: str
    at: datetime | None = None
    note: str = ""


def is_over(test: Incident) -> bool:
    return not test.deliveries.unfinished().exists()


def steps(test: Incident) -> list[Step]:
    name = test.get_provider().name
    trigger = test.deliveries.filter(action=Action.TRIGGER).order_by("id").first()
    resolve = test.deliveries.filter(action=Action.RESOLVE).order_by("id").last()
    if trigger is None:
        return []
    return [
        Step("successful" if trigger.attempts else "queued", "Queued", trigger.created_at),
        *_sending(trigger, name),
        *(_resolving(resolve, name) if resolve else []),
    ]


def _sending(delivery: Delivery, name: str) -> list[Step]:
    if not delivery.attempts:
        return []
    if delivery.state == State.ACCEPTED:
        return [
            Step("successful", f"Sent to {name}", delivery.last_attempt_at),
            Step("successful", f"Accepted by {name}", delivery.finished_at),
        ]
    if delivery.state in (State.REJECTED, State.GIVEN_UP):
        word = f"Rejected by {name}" if delivery.state == State.REJECTED else "Given up"
        return [Step("failing", word, delivery.finished_at, delivery.answer)]
    if delivery.state == State.SENDING:
        return [Step("running", f"Sending to {name}", delivery.last_attempt_at)]
    return [Step("error", "Not taken yet, tried again", delivery.next_attempt_at, delivery.answer)]


def _resolving(delivery: Delivery, name: str) -> list[Step]:
    if delivery.state == State.ACCEPTED:
        return [Step("successful", "Resolved", delivery.finished_at)]
    if delivery.state in (State.REJECTED, State.GIVEN_UP):
        return [Step("failing", "Not resolved", delivery.finished_at, delivery.answer)]
    return [Step("queued", "Resolves itself", delivery.next_attempt_at, delivery.answer)]
