"""What Postwatch may send to PagerDuty: stricter than its OpenAPI, which leaves most rules to prose."""

from typing import Any

from jsonschema import Draft202012Validator

TEXT = {"type": "string", "minLength": 1}
ROUTING_KEY = {"type": "string", "pattern": "^[A-Za-z0-9]{32}$"}
DEDUP_KEY = TEXT | {"maxLength": 255}
ADDRESS = {"type": "string", "pattern": "^https?://"}
# The seconds and the Z are always there: PagerDuty's own example with +0000 fails its own schema.
TIMESTAMP = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}

LINKS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"href": ADDRESS, "text": TEXT},
        "required": ["href"],
        "additionalProperties": False,
    },
}
PAYLOAD = {
    "type": "object",
    "properties": {
        "summary": TEXT | {"maxLength": 1024},
        "source": TEXT,
        "severity": {"enum": ["critical", "error", "warning", "info"]},
        "timestamp": TIMESTAMP,
        "component": TEXT,
        "group": TEXT,
        "class": TEXT,
        "custom_details": {"type": "object"},
    },
    "required": ["summary", "source", "severity", "timestamp"],
    "additionalProperties": False,
}
TRIGGER = {
    "type": "object",
    "properties": {
        "routing_key": ROUTING_KEY,
        "event_action": {"const": "trigger"},
        "dedup_key": DEDUP_KEY,
        "payload": PAYLOAD,
        "links": LINKS,
        "client": {"const": "Postwatch"},
        "client_url": ADDRESS,
    },
    "required": ["routing_key", "event_action", "dedup_key", "payload", "client", "client_url"],
    "additionalProperties": False,
}
RESOLVE = {
    "type": "object",
    "properties": {
        "routing_key": ROUTING_KEY,
        "event_action": {"const": "resolve"},
        "dedup_key": DEDUP_KEY,
    },
    "required": ["routing_key", "event_action", "dedup_key"],
    "additionalProperties": False,
}
EVENT: dict[str, Any] = {"oneOf": [TRIGGER, RESOLVE]}


CHANGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "routing_key": ROUTING_KEY,
        "payload": {
            "type": "object",
            "properties": {
                "summary": TEXT | {"maxLength": 1024},
                "source": TEXT,
                "timestamp": TIMESTAMP,
                "custom_details": {"type": "object"},
            },
            "required": ["summary", "source", "timestamp"],
            "additionalProperties": False,
        },
        "links": LINKS,
    },
    "required": ["routing_key", "payload"],
    "additionalProperties": False,
}


def event_errors(event: Any) -> list[str]:
    """What is wrong with a body as it was sent; a body without an action is a change event."""
    schema = EVENT if isinstance(event, dict) and "event_action" in event else CHANGE
    return [error.message for error in Draft202012Validator(schema).iter_errors(event)]


def assert_valid(event: Any) -> None:
    assert event_errors(event) == []
