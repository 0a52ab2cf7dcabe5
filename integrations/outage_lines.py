"""What each integration was sent about an outage, one line for each, whether or not it keeps incidents."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import OuterRef, QuerySet, Subquery

from integrations.base import Provider
from integrations.models import Action, Delivery, DeliveryStatus, Incident, Integration
from integrations.models.deliveries import FAILED
from integrations.registry import get_provider
from monitors.models import Outage, Result
from workspaces.fields import is_readable

MAX_ROWS = 1000
"""How many incidents, and how many other events, are read for the outages of one page."""

LAST_EVENT = {"last_status": "status", "last_text": "response_text", "last_attempts": "attempts"}
"""What is read of the last event of an incident: its field by the name of the annotation."""


@dataclass(frozen=True)
class OutageLine:
    """What one integration was sent about one outage."""

    name: str
    provider: Provider
    integration: Integration | None
    """None when it is deleted."""
    notified_at: datetime | None
    """When the provider accepted that the outage began."""
    closed_at: datetime | None
    """When the provider accepted that it is over."""
    problem: str
    """Why the last event was not accepted; empty when it was, or still waits for its first attempt."""
    closed_because: str = ""
    """Why its incident was closed; empty while it is open, and where the provider has no incidents."""
    url: str = ""
    """Where people find the incident at the provider; empty if that is not known."""

    @property
    def state(self) -> str:
        """A key of `states.BADGES`."""
        if self.problem:
            return "error" if self.notified_at else "failing"
        return "successful" if self.notified_at else "queued"


OutageLines: TypeAlias = dict[uuid.UUID, list[OutageLine]]
"""The lines of outages, by the outage's id. An outage of which nobody was notified has none."""


def lines_of(outages: Collection[Outage]) -> OutageLines:
    """The lines of these outages, by two queries for all."""
    lines: OutageLines = {outage.pk: [] for outage in outages}
    if outages:
        _add_incidents(lines)
        _add_events(lines, outages)
    return lines


def _add_incidents(lines: OutageLines) -> None:
    found: dict[tuple[object, object], list[Any]] = defaultdict(list)
    for incident in _with_events(Incident.objects.without_tests().filter(outage__in=lines))[:MAX_ROWS]:
        found[incident.outage_id, incident.integration_id or incident.integration_name].append(incident)
    for incidents in found.values():
        lines[incidents[0].outage_id].append(_line_of_incidents(incidents))


def _with_events(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Annotates when the provider accepted the first trigger and the last resolve, and the last event."""
    events = Delivery.objects.filter(incident=OuterRef("pk"))
    accepted = events.filter(status=DeliveryStatus.ACCEPTED)
    triggers = accepted.filter(action=Action.TRIGGER).order_by("id").values("finished_at")
    resolves = accepted.filter(action=Action.RESOLVE).order_by("-id").values("finished_at")
    last = {name: Subquery(events.order_by("-id").values(field)[:1]) for name, field in LAST_EVENT.items()}
    annotated = incidents.annotate(
        notified_at=Subquery(triggers[:1]), resolved_at=Subquery(resolves[:1]), **last
    )
    return annotated.select_related("integration").defer("integration__config").order_by("opened_at", "pk")


def _line_of_incidents(incidents: list[Any]) -> OutageLine:
    """One line for the incidents of one integration: it opens another one after a rejection, for example."""
    last = incidents[-1]
    provider = last.get_provider()
    return OutageLine(
        name=last.integration_name,
        provider=provider,
        integration=_kept(last.integration),
        notified_at=min((one.notified_at for one in incidents if one.notified_at), default=None),
        closed_at=last.resolved_at,
        problem=_problem(last.last_status, last.last_attempts, last.last_text),
        closed_because=last.get_closed_because_display(),
        url=provider.incidents_url(last.config) if is_readable(last, "config") else "",
    )


def _add_events(lines: OutageLines, outages: Iterable[Outage]) -> None:
    """Adds the integrations whose providers have no incidents."""
    ended_at = {outage.pk: outage.ended_at for outage in outages}
    found: dict[tuple[uuid.UUID, object], list[Delivery]] = defaultdict(list)
    events = Delivery.objects.filter(outage__in=lines).select_related("integration", "run")
    for event in events.defer("body", "integration__config").order_by("id")[:MAX_ROWS]:
        if event.outage_id:
            found[event.outage_id, event.integration_id or event.provider].append(event)
    for (outage, _), sent in found.items():
        lines[outage].append(_line_of_events(sent, ended_at[outage]))


def _line_of_events(events: list[Delivery], ended_at: datetime | None) -> OutageLine:
    last, provider = events[-1], get_provider(events[0].provider)
    integration = last.kept_integration
    accepted = [event for event in events if event.status == DeliveryStatus.ACCEPTED]
    beginning = [event for event in accepted if _reports_beginning(event, ended_at)]
    end = [event for event in accepted if not _reports_beginning(event, ended_at)]
    return OutageLine(
        name=integration.name if integration else "Integration",
        provider=provider,
        integration=integration,
        notified_at=beginning[0].finished_at if beginning else None,
        closed_at=end[-1].finished_at if end else None,
        problem=_problem(last.status, last.attempts, last.response_text),
    )


def _reports_beginning(event: Delivery, ended_at: datetime | None) -> bool:
    if event.run is not None:
        return event.run.result != Result.SUCCESSFUL
    return ended_at is None or event.created_at < ended_at


def _kept(integration: Integration | None) -> Integration | None:
    return integration if integration and integration.deleted_at is None else None


def _problem(status: str | None, attempts: int | None, text: str | None) -> str:
    """Why the last event was not accepted. `status` is None when there is no event."""
    is_retried = status in (DeliveryStatus.PENDING, DeliveryStatus.SENDING) and bool(attempts)
    return text or "It was not accepted." if status in FAILED or (is_retried and text) else ""
