"""PagerDuty, by its Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from integrations import http
from integrations.base import Change, IncidentProvider, JsonObject, ProviderResponse
from integrations.models import Action, Delivery, Incident
from integrations.pagerduty import payloads, responses
from integrations.pagerduty.forms import RULESET_KEY, PagerDutyForm
from integrations.pagerduty.payloads import AlertEvent, ChangeEvent, Link, ResolveEvent
from monitors.models import RegionStatus, Run

SERVICE_REGIONS = {"us": "US", "eu": "EU"}
INCIDENT_PAGES = {"us": "https://app.pagerduty.com/incidents", "eu": "https://app.eu.pagerduty.com/incidents"}
"""PagerDuty leads from here to the account in which the person is signed in."""


class PagerDuty(IncidentProvider):
    slug = "pagerduty"
    name = "PagerDuty"
    tagline = "Opens an incident when a monitor fails and closes it when the monitor recovers."
    active_label = "Paging"
    credential_label = "key"
    config_form = PagerDutyForm
    urlconf = "integrations.pagerduty.urls"
    accepts_changes = True
    # PagerDuty allows about 120 a minute for one key; the exact limit is not documented.
    calls_per_minute = 100

    @property
    def connect_url_name(self) -> str:
        return "integrations:pagerduty-connect" if settings.PAGERDUTY_APP_ID else ""

    def describe(self, config: JsonObject) -> dict[str, str]:
        return {
            "Integration key": f"…{config['integration_key'][-4:]}",
            "PagerDuty region": SERVICE_REGIONS[config["region"]],
            "Severity": config["severity"].capitalize() if config.get("severity") else "By result",
        }

    def channel(self, config: JsonObject) -> str:
        return salted_hmac("pagerduty.channel", config["integration_key"], algorithm="sha256").hexdigest()

    def destinations(self, config: JsonObject) -> dict[str, str]:
        key = config.get("integration_key")
        return {key: f"the PagerDuty service of the key …{key[-4:]}"} if key else {}

    def trigger_event(self, incident: Incident, run: Run) -> AlertEvent:
        """Every event of one outage has the same dedup key, so PagerDuty groups them into one incident."""
        links: list[Link] = [
            {"href": settings.SITE_URL + run.get_absolute_url(), "text": f"Run #{run.number}"},
            {
                "href": settings.SITE_URL + run.monitor.get_absolute_url(),
                "text": f"Monitor {run.monitor.name}",
            },
        ]
        if incident.outage_id:
            outage = reverse("monitors:outage", args=[run.workspace.slug, incident.outage_id])
            links.append(
                {"href": settings.SITE_URL + outage, "text": "Outage, to acknowledge it and add notes"}
            )
        if documentation := payloads.documentation_url(run):
            links.append({"href": documentation, "text": f"Collection {run.monitor.collection.name}"})
        return payloads.fit_size_limit(
            {
                "event_action": "trigger",
                "dedup_key": incident.dedup_key,
                "payload": payloads.failure_payload(incident, run),
                "links": links,
                "client": "Postwatch",
                "client_url": settings.SITE_URL + run.get_absolute_url(),
            }
        )

    def late_event(self, incident: Incident, late: Sequence[RegionStatus]) -> AlertEvent:
        assert incident.monitor is not None
        page = settings.SITE_URL + incident.monitor.get_absolute_url()
        return {
            "event_action": "trigger",
            "dedup_key": incident.dedup_key,
            "payload": payloads.late_payload(incident, late),
            "links": [{"href": page, "text": f"Monitor {incident.monitor_name}"}],
            "client": "Postwatch",
            "client_url": page,
        }

    def resolve_event(self, incident: Incident) -> ResolveEvent:
        """Without a payload, as in PagerDuty's own examples."""
        return {"event_action": "resolve", "dedup_key": incident.dedup_key}

    def incidents_url(self, config: JsonObject) -> str:
        """Empty while events go to a stand-in, of which PagerDuty's own pages know nothing."""
        host = urlsplit(events_url(config["region"])).hostname or ""
        return INCIDENT_PAGES[config["region"]] if host.endswith(".pagerduty.com") else ""

    def test_event(self, incident: Incident) -> AlertEvent:
        assert incident.integration is not None
        page = settings.SITE_URL + incident.integration.get_absolute_url()
        return {
            "event_action": "trigger",
            "dedup_key": incident.dedup_key,
            "payload": payloads.test_payload(incident),
            "links": [{"href": page, "text": "The integration in Postwatch"}],
            "client": "Postwatch",
            "client_url": page,
        }

    def changes_problem(self, config: JsonObject) -> str:
        if RULESET_KEY.fullmatch(config.get("integration_key", "")):
            return "PagerDuty accepts no change events for a ruleset's key. Use the key of a service."
        return ""

    def change_event(self, change: Change) -> ChangeEvent:
        """It notifies nobody, and PagerDuty shows it beside incidents that it may have caused."""
        return {
            "payload": payloads.change_payload(change),
            "links": [{"href": settings.SITE_URL + change.path, "text": "In Postwatch"}],
        }

    def send(self, config: JsonObject, delivery: Delivery) -> ProviderResponse:
        key = config["integration_key"]
        path = "/v2/change/enqueue" if delivery.action == Action.CHANGE else "/v2/enqueue"
        response = http.post_json(events_url(config["region"]) + path, {"routing_key": key} | delivery.body)
        if response.status_code == 202:
            return ProviderResponse(202, responses.acceptance_message(response, key))
        raise responses.delivery_error(response, key)


def events_url(region: str) -> str:
    """One of two settings. A URL that people could enter might lead into the operator's network."""
    url: str = settings.PAGERDUTY_EU_EVENTS_URL if region == "eu" else settings.PAGERDUTY_US_EVENTS_URL
    return url
