"""Maintenance windows at a glance."""

from collections.abc import Mapping

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from monitors.models import MaintenanceWindow
from monitors.models.maintenance import Mode
from monitors.muting import MuteFor
from monitors.templatetags.states import BADGES, StateContext

register = template.Library()

WORDS = {Mode.MUTE: ("Mutes", "Muted"), Mode.SKIP: ("Skips runs", "Not running")}


@register.inclusion_tag("monitors/_state.html")
def window_state(window: MaintenanceWindow) -> StateContext:
    """What the window does, or that it is over."""
    if not window.is_recurring and window.ends_at <= timezone.now():
        return {"badge": BADGES["waiting"], "word": "Over"}
    badge = "muted" if window.mode == Mode.MUTE else "paused"
    return {"badge": BADGES[badge], "word": WORDS[Mode(window.mode)][0]}


@register.simple_tag
def monitors_tagged(window: MaintenanceWindow, counts: Mapping[str, int]) -> SafeString:
    """How many monitors a window by tag covers now. `counts` are of all tags of its workspace."""
    count = counts.get(window.tag, 0)
    words = f"{count} monitor{'' if count == 1 else 's'}" if count else "covers no monitor now"
    return format_html('<span class="soft">{}</span>', words)


@register.inclusion_tag("monitors/_state.html")
def maintenance_state(window: MaintenanceWindow) -> StateContext:
    """What a monitor in an active window shows beside its own state."""
    badge = "muted" if window.mode == Mode.MUTE else "paused"
    return {"badge": BADGES[badge], "word": WORDS[Mode(window.mode)][1]}


@register.inclusion_tag("monitors/_state.html")
def maintenance_shape(window: MaintenanceWindow) -> StateContext:
    """The shape alone, for a narrow column; screen readers still hear the word."""
    return {**maintenance_state(window), "shape_only": True}


@register.simple_tag
def mute_choices() -> list[tuple[str, str]]:
    """`{% mute_choices as choices %}`: how long a monitor may be muted, as values and labels."""
    return MuteFor.choices
