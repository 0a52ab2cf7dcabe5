"""PagerDuty's Events API v2: what it is told, and what its answers mean."""

import json
from typing import Any

import requests
from django.conf import settings
from django.utils.crypto import salted_hmac

from integrations import http
from integrations.base import Answer, Change, DeliveryError, IncidentProvider, Json
from integrations.models import Action, Delivery, Incident
from integrations.pagerduty import events
from integrations.pagerduty.forms import RULESET_KEY, PagerDutyForm
from monitors.models import Run

MAX_RESPONSE_LENGTH = 1000
REGIONS = {"us": "US", "eu": "EU"}


class PagerDuty(IncidentProvider):
    slug = "pagerduty"
    name = "PagerDuty"
    tagline = "Opens an incident when a monitor fails and closes it when the monitor recovers."
    works = "Paging"
    credential = "key"
    config_form = PagerDutyForm
    urls = "integrations.pagerduty.urls"
    takes_changes = True
    # PagerDuty allows about 120 a minute for one key and does not say exactly.
    calls_per_minute = 100

    @property
    def connect_url_name(self) -> str:
        return "integrations:pagerduty-connect" if settings.PAGERDUTY_APP_ID else ""

    def summary(self, config: Json) -> dict[str, str]:
        return {
            "Integration key": f"…{config['integration_key'][-4:]}",
            "PagerDuty region": REGIONS[config["region"]],
            "Severity": config["severity"].capitalize() if config.get("severity") else "By result",
        }

    def channel(self, config: Json) -> str:
        return salted_hmac("pagerduty.channel", config["integration_key"], algorithm="sha256").hexdigest()

    def destinations(self, config: Json) -> dict[str, str]:
        key = config.get("integration_key")
        return {key: f"the PagerDuty service of the key …{key[-4:]}"} if key else {}

    def trigger(self, incident: Incident, run: Run) -> Json:
        return events.trigger(incident, run)

    def resolve(self, incident: Incident) -> Json:
        return events.resolve(incident)

    def test_trigger(self, incident: Incident) -> Json:
        return events.test_trigger(incident)

    def changes_problem(self, config: Json) -> str:
        if RULESET_KEY.fullmatch(config.get("integration_key", "")):
            return "PagerDuty takes no change events with a ruleset's key. Use the key of a service."
        return ""

    def change_event(self, change: Change) -> Json:
        return events.change(change)

    def send(self, config: Json, delivery: Delivery) -> Answer:
        body = {"routing_key": config["integration_key"]} | delivery.body
        path = "/v2/change/enqueue" if delivery.action == Action.CHANGE else "/v2/enqueue"
        response = http.post_json(events_url(config["region"]) + path, body)
        if response.status_code == 202:
            return Answer(202, _accepted(response, config["integration_key"]))
        raise refusal(response, config["integration_key"])


def events_url(region: str) -> str:
    """A choice between two hosts that the operator set: a free address would open the inner network."""
    url: str = settings.PAGERDUTY_EU_EVENTS_URL if region == "eu" else settings.PAGERDUTY_US_EVENTS_URL
    return url


def refusal(response: requests.Response, integration_key: str) -> DeliveryError:
    """400 is final, 407 is a proxy's, 429 was not taken in, and after a 5xx nobody knows; PagerDuty documents
    no others."""
    status = response.status_code
    is_temporary = status in (407, 429) or status >= 500
    return DeliveryError(
        _words_of(response, integration_key)[:MAX_RESPONSE_LENGTH],
        status=status,
        permanent=not is_temporary,
        in_doubt=status >= 500,
        retry_after=http.retry_after(response.headers.get("Retry-After", "")) if is_temporary else None,
    )


def _accepted(response: requests.Response, integration_key: str) -> str:
    body = _json_of(response)
    message = body.get("message") if isinstance(body, dict) else None
    words = http.first_words(_masked(message, integration_key)) if isinstance(message, str) else ""
    return f"Accepted by PagerDuty: {words}" if words else "Accepted by PagerDuty"


def _words_of(response: requests.Response, integration_key: str) -> str:
    """PagerDuty's own words, from a body that may be anything."""
    body = _json_of(response)
    if isinstance(body, dict):
        errors = body.get("errors")
        if isinstance(errors, list) and errors:
            return _masked("; ".join(map(_text_of, errors)), integration_key)
        said = errors or body.get("message") or body.get("status")
        if said:
            return _masked(_text_of(said), integration_key)
    status = f"PagerDuty answered {response.status_code} {response.reason or ''}".strip()
    text = http.first_words(_masked(response.content.decode(errors="replace"), integration_key))
    return f"{status}: {text}" if text else status


def _json_of(response: requests.Response) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _masked(text: str, integration_key: str) -> str:
    """An answer may quote the integration key, which nobody is to read."""
    return text.replace(integration_key, f"…{integration_key[-4:]}")
