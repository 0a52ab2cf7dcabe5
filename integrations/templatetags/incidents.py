"""Tags that show incidents and integrations, also on pages of `monitors`, which cannot import them."""

from django import template
from django.conf import settings
from django.template import Context

from integrations.last_events import with_last_event
from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from monitors.models import Monitor
from monitors.templatetags.states import BADGES
from workspaces.models import Workspace

register = template.Library()

MAX_PROBLEMS_SHOWN = 3
MAX_INTEGRATIONS_SHOWN = 8
MAX_WATCHING_SHOWN = 20

DELIVERY_BADGES = {
    DeliveryStatus.PENDING: "queued",
    DeliveryStatus.SENDING: "running",
    DeliveryStatus.ACCEPTED: "successful",
    DeliveryStatus.CANCELLED: "muted",
    DeliveryStatus.REJECTED: "failing",
    DeliveryStatus.GIVEN_UP: "error",
}


@register.inclusion_tag("integrations/_problems.html", takes_context=True)
def integration_problems(context: Context, workspace: Workspace) -> dict[str, object]:
    """A note for each broken integration."""
    broken = Integration.objects.for_workspace(workspace).broken().order_by("name")
    return {"broken": broken[:MAX_PROBLEMS_SHOWN], "can_edit": context.get("can_edit")}


@register.inclusion_tag("integrations/_health.html", takes_context=True)
def integrations_health(context: Context, workspace: Workspace) -> dict[str, object]:
    """The integrations of a workspace with their states, the broken ones first."""
    integrations = with_last_event(Integration.objects.for_workspace(workspace))
    shown = integrations.order_by("-rejections", "name")[:MAX_INTEGRATIONS_SHOWN]
    return {"integrations": shown, "can_edit": context.get("can_edit")}


@register.inclusion_tag("integrations/_notifies.html", takes_context=True)
def notifies(context: Context, monitor: Monitor) -> dict[str, object]:
    """The integrations that a monitor notifies, each with its state, in one line."""
    return {"can_edit": context.get("can_edit"), **_notified(monitor)}


@register.inclusion_tag("integrations/_who_is_notified.html")
def who_is_notified(monitor: Monitor) -> dict[str, object]:
    """The integrations that a monitor notifies, each with its state. The monitor may not be stored yet."""
    return {"is_stored": not monitor._state.adding, **_notified(monitor)}


def _notified(monitor: Monitor) -> dict[str, object]:
    watching = list(Integration.objects.watching(monitor)[: MAX_WATCHING_SHOWN + 1])
    return {
        "integrations": watching[:MAX_WATCHING_SHOWN],
        "has_more": len(watching) > MAX_WATCHING_SHOWN,
    }


@register.simple_tag
def has_integrations(workspace: Workspace) -> bool:
    """`{% has_integrations workspace as connected %}`"""
    return Integration.objects.for_workspace(workspace).exists()


@register.simple_tag
def broken_integrations(workspace: Workspace) -> int:
    """How many integrations send nothing, since their provider rejects every event."""
    return Integration.objects.for_workspace(workspace).broken().count()


@register.inclusion_tag("integrations/_held.html")
def held_banner() -> dict[str, bool]:
    """The warning on every page while HOLD_DELIVERIES is on."""
    return {"held": settings.HOLD_DELIVERIES}


@register.inclusion_tag("admin/_held.html")
def held_in_admin() -> dict[str, bool]:
    """The same warning in the admin."""
    return held_banner()


@register.inclusion_tag("monitors/_state.html")
def integration_state(integration: Integration) -> dict[str, object]:
    """The state of an integration from `with_last_event`."""
    if integration.is_broken:
        return {"badge": BADGES["failing"], "word": "Broken"}
    if integration.is_paused:
        return {"badge": BADGES["paused"], "word": "Paused"}
    if integration.problem:
        return {"badge": BADGES["error"], "word": "Rejected"}
    if getattr(integration, "retry_reason", None):
        return {"badge": BADGES["error"], "word": "Retrying"}
    return {"badge": BADGES["up"], "word": integration.get_provider().active_label}


@register.inclusion_tag("monitors/_state.html")
def integration_shape(integration: Integration) -> dict[str, object]:
    """The shape of its state alone."""
    return {**integration_state(integration), "shape_only": True}


@register.inclusion_tag("monitors/_state.html")
def notifying_state(integration: Integration) -> dict[str, object]:
    """Whether it notifies anybody, for pages that are not about the integration: red when it is broken."""
    if integration.is_broken:
        return {"badge": BADGES["failing"], "word": "Broken: it notifies nobody"}
    return integration_state(integration)


@register.inclusion_tag("monitors/_state.html")
def incident_state(incident: Incident) -> dict[str, object]:
    if incident.is_open:
        return {"badge": BADGES["failing"], "word": "Open"}
    return {"badge": BADGES["up"], "word": "Closed"}


@register.inclusion_tag("monitors/_state.html")
def delivery_state(delivery: Delivery) -> dict[str, object]:
    badge = BADGES[DELIVERY_BADGES[DeliveryStatus(delivery.status)]]
    return {"badge": badge, "word": delivery.get_status_display()}
