"""Outages at a glance."""

from django import template

from monitors.models import Outage
from monitors.models.outages import EndedBecause
from monitors.templatetags.states import BADGES, StateContext
from monitors.timeline import end_state

register = template.Library()

ENDED_WORDS = {
    EndedBecause.RECOVERED: "Recovered",
    EndedBecause.BY_HAND: "Resolved",
    EndedBecause.MONITOR_PAUSED: "Paused",
    EndedBecause.MONITOR_DELETED: "Deleted",
}


@register.inclusion_tag("monitors/_state.html")
def outage_state(outage: Outage) -> StateContext:
    """Whether it lasts and somebody looks after it, or how it ended."""
    if outage.is_open:
        return {"badge": BADGES["failing"], "word": "Acknowledged" if outage.acknowledged_at else "Open"}
    word = ENDED_WORDS[EndedBecause(outage.ended_because)]
    return {"badge": BADGES[end_state(outage)], "word": word}
