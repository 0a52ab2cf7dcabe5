"""Which events PagerDuty accepts, and its error messages for the others."""

import re
from collections.abc import Callable
from typing import Any

MAX_EVENT_BYTES = 512_000
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
ROUTING_KEY_LENGTH = 32

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")

RULESET_KEY = re.compile(r"R[A-Z0-9]{31}")

# Every other well-formed key is known, so that the response to an unknown key can be tried as well.
UNKNOWN_KEY_PREFIX = "0000"

JsonObject = dict[str, Any]
"""A decoded JSON object."""


def alert_errors(event: JsonObject) -> list[str]:
    """The errors in a body for `/v2/enqueue`; none if PagerDuty accepts it."""
    errors = _routing_key_errors(event.get("routing_key"))
    action = event.get("event_action")
    if _is_blank(action):
        errors.append("'event_action' is missing or blank")
    elif action not in ACTIONS:
        errors.append("'event_action' is invalid (must be one of: 'trigger', 'acknowledge', 'resolve')")
    errors += _dedup_key_errors(event.get("dedup_key"), required=action in ("acknowledge", "resolve"))
    if action == "trigger" or "payload" in event:
        errors += _payload_errors(event.get("payload"), required=("summary", "source", "severity"))
    errors += _each_errors(event, "links", _link_errors)
    errors += _each_errors(event, "images", _image_errors)
    return errors + _text_errors(event, ("client", "client_url"))


def change_errors(event: JsonObject) -> list[str]:
    """The errors in a body for `/v2/change/enqueue`; none if PagerDuty accepts it."""
    routing_key = event.get("routing_key")
    errors = _routing_key_errors(routing_key)
    if not errors and RULESET_KEY.fullmatch(str(routing_key)):
        errors.append("Invalid routing key")
    errors += _payload_errors(event.get("payload"), required=("summary",))
    return errors + _each_errors(event, "links", _link_errors)


def _routing_key_errors(key: object) -> list[str]:
    if _is_blank(key):
        return ["'routing_key' is missing or blank"]
    if not isinstance(key, str):
        return ["'routing_key' is of the wrong type (should be a string)"]
    errors = []
    if len(key) != ROUTING_KEY_LENGTH:
        errors.append(f"Length of 'routing_key' is incorrect (should be {ROUTING_KEY_LENGTH} characters)")
    if not re.fullmatch(r"[A-Za-z0-9]+", key):
        errors.append("'routing_key' cannot contain non-alphanumeric characters.")
    if not errors and key.startswith(UNKNOWN_KEY_PREFIX):
        errors.append("Invalid routing key")
    return errors


def _dedup_key_errors(key: object, *, required: bool) -> list[str]:
    if _is_blank(key):
        return ["'dedup_key' is missing or blank"] if required else []
    if not isinstance(key, str):
        return ["'dedup_key' is of the wrong type (should be a string)"]
    if len(key) > MAX_DEDUP_KEY:
        return [f"'dedup_key' is too long (maximum is {MAX_DEDUP_KEY} characters)"]
    return []


def _payload_errors(payload: object, *, required: tuple[str, ...]) -> list[str]:
    if payload is None:
        return ["'payload' is missing or blank"]
    if not isinstance(payload, dict):
        return ["'payload' is of the wrong type (should be an object)"]
    errors = [f"'{name}' is missing or blank" for name in required if _is_blank(payload.get(name))]
    errors += _text_errors(payload, ("summary", "source", "component", "group", "class", "timestamp"))
    summary = payload.get("summary")
    if isinstance(summary, str) and len(summary) > MAX_SUMMARY:
        errors.append(f"'summary' is too long (maximum is {MAX_SUMMARY} characters)")
    severity = payload.get("severity")
    if not _is_blank(severity) and severity not in SEVERITIES:
        errors.append("'severity' is invalid (must be one of: 'critical', 'error', 'warning', 'info')")
    if not isinstance(payload.get("custom_details", {}), dict):
        errors.append("'custom_details' is of the wrong type (should be an object)")
    return errors


def _each_errors(event: JsonObject, name: str, item_errors: Callable[[JsonObject], list[str]]) -> list[str]:
    items = event.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return [f"'{name}' is of the wrong type (should be an array of objects)"]
    return [error for item in items for error in item_errors(item)]


def _link_errors(link: JsonObject) -> list[str]:
    if _is_blank(link.get("href")):
        return ["'href' is missing or blank"]
    return _text_errors(link, ("href", "text"))


def _image_errors(image: JsonObject) -> list[str]:
    if not str(image.get("src", "")).startswith("https://"):
        return ["'src' is missing or is not an HTTPS URL"]
    return _text_errors(image, ("href", "alt"))


def _text_errors(holder: JsonObject, names: tuple[str, ...]) -> list[str]:
    return [
        f"'{name}' is of the wrong type (should be a string)"
        for name in names
        if name in holder and not isinstance(holder[name], str)
    ]


def _is_blank(value: object) -> bool:
    return value is None or value == ""
