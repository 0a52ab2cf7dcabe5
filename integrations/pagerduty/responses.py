"""What PagerDuty's responses mean, in sentences that are safe to store and to show."""

import json

import requests

from integrations import http
from integrations.base import DeliveryError
from integrations.texts import printable_line

MAX_MESSAGE_LENGTH = 1000
MAX_BODY_LENGTH = 500


def acceptance_message(response: requests.Response, integration_key: str) -> str:
    """The sentence for the run log about an accepted event."""
    body = _json_of(response)
    message = body.get("message") if isinstance(body, dict) else None
    text = (
        printable_line(_masked(message, integration_key), MAX_BODY_LENGTH) if isinstance(message, str) else ""
    )
    return f"Accepted by PagerDuty: {text}" if text else "Accepted by PagerDuty"


def delivery_error(response: requests.Response, integration_key: str) -> DeliveryError:
    """The error for a response other than 202.

    The Events API documents 400 (invalid, never retry), 429 (not processed, retry later) and 5xx (retry; the
    event may have been processed). 407 comes from a proxy in between.
    https://developer.pagerduty.com/docs/events-api-v2-overview#response-codes--retry-logic
    """
    status = response.status_code
    is_temporary = status in (407, 429) or status >= 500
    return DeliveryError(
        _error_message(response, integration_key)[:MAX_MESSAGE_LENGTH],
        status=status,
        permanent=not is_temporary,
        in_doubt=status >= 500,
        retry_after=http.retry_after(response.headers.get("Retry-After", "")) if is_temporary else None,
    )


def _error_message(response: requests.Response, integration_key: str) -> str:
    """PagerDuty's own sentences if the body has any, otherwise its status line and body."""
    body = _json_of(response)
    if isinstance(body, dict):
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            return _masked("; ".join(map(_text_of, errors)), integration_key)
        message = errors or body.get("message") or body.get("status")
        if message:
            return _masked(_text_of(message), integration_key)
    status = f"PagerDuty responded with {response.status_code} {response.reason or ''}".strip()
    text = printable_line(
        _masked(response.content.decode(errors="replace"), integration_key), MAX_BODY_LENGTH
    )
    return f"{status}: {text}" if text else status


def _json_of(response: requests.Response) -> object:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _text_of(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _masked(text: str, integration_key: str) -> str:
    """A response may quote the integration key, which nobody may read."""
    return text.replace(integration_key, f"…{integration_key[-4:]}")
