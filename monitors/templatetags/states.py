"""The states of monitors, runs and incidents look the same on every page: color, shape and word."""

from typing import NamedTuple, TypedDict

from django import template

register = template.Library()


class Badge(NamedTuple):
    word: str
    icon: str
    style: str
    color: str
    """Names the CSS variable `--state-<color>` in frame.css."""


class StateContext(TypedDict, total=False):
    """Of the template _state.html."""

    badge: Badge
    word: str
    shape_only: bool


UP = Badge("Up", "circle", "filled", "good")
FAILING = Badge("Failing", "triangle", "filled", "bad")
RUNNING = Badge("Running", "loader-2", "outline", "busy")
PAUSED = Badge("Paused", "player-pause", "filled", "quiet")

BADGES = {
    "successful": UP._replace(word="Successful"),
    "up": UP,
    "failure": FAILING._replace(word="Failure"),
    "failing": FAILING,
    "late": Badge("Late", "clock-exclamation", "outline", "error"),
    "error": Badge("Error", "square-rotated", "filled", "error"),
    "abort": Badge("Abort", "square", "filled", "abort"),
    "queued": RUNNING._replace(word="Queued", icon="circle-dashed"),
    "running": RUNNING,
    "paused": PAUSED,
    "muted": PAUSED._replace(word="Muted", icon="bell-off", style="outline"),
    "system_error": Badge("System error", "alert-triangle", "outline", "quiet"),
    "waiting": Badge("No result yet", "circle-dashed", "outline", "quiet"),
}


@register.inclusion_tag("monitors/_state.html")
def state(key: str, word: str = "") -> StateContext:
    """`{% state run.result %}`, or with another word: `{% state "up" "Paging" %}`."""
    badge = BADGES[key]
    return {"badge": badge, "word": word or badge.word}


@register.inclusion_tag("monitors/_state.html")
def state_shape(key: str) -> StateContext:
    """The shape alone, where its word stands beside it anyway; screen readers still hear the word."""
    return {"badge": BADGES[key], "word": BADGES[key].word, "shape_only": True}
