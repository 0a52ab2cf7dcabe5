"""What the stand-in knows: every event as received, and the incidents that the accepted events opened."""

import json
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from integrations.pagerduty.standin.rules import JsonObject

WINDOW_SECONDS = 60


@dataclass
class Response:
    """The response to a caller. A `status` of None closes the connection without a response."""

    status: int | None
    body: JsonObject
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Event:
    """One request to the Events API, accepted or not."""

    number: int
    received_at: str
    path: str
    body: object
    status: int | None
    response: JsonObject
    effect: str
    """What the event did, as text for the console page."""


@dataclass
class Incident:
    """One incident of a routing key and a dedup key. A resolved incident is never reopened."""

    number: int
    routing_key: str
    dedup_key: str
    status: str
    title: str
    severity: str
    created_at: str
    updated_at: str
    acknowledged_at: str | None
    resolved_at: str | None
    details: JsonObject
    payload: JsonObject
    links: list[JsonObject]
    client: str
    client_url: str
    events: list[int]

    @property
    def is_open(self) -> bool:
        return self.status != "resolved"

    def as_json(self) -> JsonObject:
        return asdict(self) | {"events_count": len(self.events)}


class Account:
    """Incidents and events in memory. A journal file, if there is one, restores them at the next start."""

    def __init__(self, journal: Path | None = None) -> None:
        self.lock = RLock()
        self.events: list[Event] = []
        self.incidents: list[Incident] = []
        self._open: dict[tuple[str, str], Incident] = {}
        self._recent: dict[str, deque[float]] = {}
        self._journal = journal
        self._replay()

    def clear(self) -> None:
        with self.lock:
            self.events.clear()
            self.incidents.clear()
            self._open.clear()
            self._recent.clear()
            if self._journal:
                self._journal.unlink(missing_ok=True)

    def is_over_limit(self, routing_key: str, limit: int, at: float) -> bool:
        """Counts a call at the time `at` (seconds). True if the key had `limit` calls in the last minute."""
        with self.lock:
            calls = self._recent.setdefault(routing_key, deque())
            while calls and calls[0] <= at - WINDOW_SECONDS:
                calls.popleft()
            if len(calls) >= limit:
                return True
            calls.append(at)
            return False

    def record(self, path: str, body: object, response: Response, *, accepted: bool = False) -> Event:
        """Stores a request and, if it was accepted, does what it asks for."""
        with self.lock:
            event = Event(len(self.events) + 1, now(), path, body, response.status, response.body, "")
            self._process(event, accepted)
            self._write_to_journal({"event": asdict(event), "accepted": accepted})
            return event

    def set_status(self, number: int, status: str) -> bool:
        """Acknowledges or resolves an open incident, as people do in PagerDuty. False if it is not open."""
        with self.lock:
            incident = next((i for i in self.incidents if i.number == number and i.is_open), None)
            if incident is None:
                return False
            at = now()
            self._change_status(incident, status, at)
            self._write_to_journal({"manual": {"number": number, "status": status, "at": at}})
            return True

    def _write_to_journal(self, entry: JsonObject) -> None:
        if self._journal:
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            with self._journal.open("a") as journal:
                journal.write(json.dumps(entry) + "\n")

    def _replay(self) -> None:
        if self._journal is None or not self._journal.exists():
            return
        for line in self._journal.read_text().splitlines():
            entry = json.loads(line)
            if manual := entry.get("manual"):
                self._change_status(self.incidents[manual["number"] - 1], manual["status"], manual["at"])
            else:
                self._process(Event(**entry["event"]), entry["accepted"])

    def _process(self, event: Event, accepted: bool) -> None:
        self.events.append(event)
        if not accepted or not isinstance(event.body, dict):
            event.effect = "not accepted"
        elif "event_action" not in event.body:
            event.effect = "change event"
        else:
            event.effect = self._apply(event, event.body)

    def _apply(self, event: Event, body: JsonObject) -> str:
        dedup_key = body.get("dedup_key") or event.response.get("dedup_key") or uuid.uuid4().hex
        incident = self._open.get((body["routing_key"], dedup_key))
        if body["event_action"] == "trigger":
            if incident is None:
                return f"opened incident {self._open_incident(event, body, dedup_key).number}"
            _update(incident, event, body)
            return f"added to incident {incident.number}"
        if incident is None:
            return "dropped: no open incident has this key"
        incident.events.append(event.number)
        status = "resolved" if body["event_action"] == "resolve" else "acknowledged"
        self._change_status(incident, status, event.received_at)
        return f"{status} incident {incident.number}"

    def _open_incident(self, event: Event, body: JsonObject, dedup_key: str) -> Incident:
        incident = Incident(
            number=len(self.incidents) + 1,
            routing_key=body["routing_key"],
            dedup_key=dedup_key,
            status="triggered",
            title="",
            severity="",
            created_at=event.received_at,
            updated_at=event.received_at,
            acknowledged_at=None,
            resolved_at=None,
            details={},
            payload={},
            links=[],
            client="",
            client_url="",
            events=[],
        )
        _update(incident, event, body)
        self.incidents.append(incident)
        self._open[incident.routing_key, dedup_key] = incident
        return incident

    def _change_status(self, incident: Incident, status: str, at: str) -> None:
        incident.status = status
        incident.updated_at = at
        if status == "resolved":
            incident.resolved_at = at
            del self._open[incident.routing_key, incident.dedup_key]
        else:
            incident.acknowledged_at = at


def _update(incident: Incident, event: Event, body: JsonObject) -> None:
    """Shows the trigger's content on its incident. A repeated trigger replaces it and notifies nobody."""
    payload = body["payload"]
    incident.title = payload["summary"]
    incident.severity = payload["severity"]
    incident.payload = payload
    incident.details = payload.get("custom_details", {})
    incident.links = body.get("links", [])
    incident.client = body.get("client", "")
    incident.client_url = body.get("client_url", "")
    incident.updated_at = event.received_at
    incident.events.append(event.number)


def now() -> str:
    """The time in ISO 8601, in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
