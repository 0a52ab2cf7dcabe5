"""Tags that show whom integrations notified of outages, on pages of `monitors`, which cannot import them."""

from collections.abc import Collection
from typing import NamedTuple

from django import template

from integrations.models import Incident
from integrations.outage_lines import OutageLine, OutageLines, lines_of
from monitors.models import Outage
from monitors.timeline import Moment, moments_of
from workspaces.models import Workspace

register = template.Library()

MAX_INCIDENTS = 50


@register.simple_tag
def outage_lines(outages: Collection[Outage] | Outage) -> OutageLines:
    """`{% outage_lines outages as lines %}`: what integrations were sent about them."""
    return lines_of([outages] if isinstance(outages, Outage) else list(outages))


@register.inclusion_tag("integrations/_notified.html")
def notified(outage: Outage, lines: OutageLines) -> dict[str, object]:
    """Who was notified of an outage and when, one line for each integration."""
    return {"outage": outage, "lines": lines[outage.pk]}


@register.inclusion_tag("integrations/_provider_links.html")
def provider_links(outage: Outage, lines: OutageLines) -> dict[str, object]:
    """Buttons that lead to the incidents at their providers, as far as these have an address."""
    return {"links": {line.url: line.provider.name for line in lines[outage.pk] if line.url}}


@register.simple_tag
def outage_timeline(outage: Outage, lines: OutageLines) -> list[Moment]:
    """`{% outage_timeline outage lines as moments %}`: what happened, the first first."""
    sent = [moment for line in lines[outage.pk] for moment in moments_of_line(line)]
    return sorted([*moments_of(outage), *sent], key=lambda moment: moment.at)


def moments_of_line(line: OutageLine) -> list[Moment]:
    """When an integration was notified of the beginning and of the end."""
    name = f"{line.name} ({line.provider.name})"
    moments = [Moment(line.notified_at, f"{name} was notified")] if line.notified_at else []
    if line.closed_at:
        over = "closed its incident" if line.closed_because else "was notified of the recovery"
        moments.append(Moment(line.closed_at, f"{name} {over}"))
    return moments


class OtherIncidents(NamedTuple):
    """The open incidents of other causes than failed runs, such as runs that do not come."""

    shown: list[Incident]
    more: int
    """How many others there are."""


@register.simple_tag
def incidents_without_outage(workspace: Workspace) -> OtherIncidents:
    """`{% incidents_without_outage workspace as others %}`"""
    incidents = Incident.objects.without_tests().open().filter(workspace=workspace, outage=None)
    shown = list(incidents.select_related("workspace", "monitor", "integration")[:MAX_INCIDENTS])
    more = incidents.count() - len(shown) if len(shown) == MAX_INCIDENTS else 0
    return OtherIncidents(shown, more)
