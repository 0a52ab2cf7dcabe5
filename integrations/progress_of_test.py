"""How far a test event is, step by step, for the person who sent it."""

from dataclasses import dataclass
from datetime import datetime

from integrations.models import Action, Delivery, State


@dataclass(frozen=True)
class Step:
    look: str
    """A key of `states.LOOKS`."""
    word: str
    at: datetime | None = None
    note: str = ""


def is_over(test: Delivery) -> bool:
    resolve = _resolve_of(test)
    return test.is_finished and (resolve is None or resolve.is_finished)


def steps(test: Delivery) -> list[Step]:
    """`test` is the delivery that the person's click made."""
    name = test.get_provider().name
    resolve = _resolve_of(test)
    return [
        Step("successful" if test.attempts else "queued", "Queued", test.created_at),
        *_sending(test, name),
        *(_resolving(resolve, name) if resolve else []),
    ]


def _resolve_of(test: Delivery) -> Delivery | None:
    if test.incident is None:
        return None
    return test.incident.deliveries.filter(action=Action.RESOLVE).order_by("id").last()


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
