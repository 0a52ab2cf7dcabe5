"""States look the same on every page: colour, shape and word together."""

from typing import Any, NamedTuple

from django import template

register = template.Library()


class Look(NamedTuple):
    word: str
    icon: str
    style: str
    role: str
    """The colour: `--state-<role>` in frame.css."""


UP = Look("Up", "circle", "filled", "good")
FAILING = Look("Failing", "triangle", "filled", "bad")
RUNNING = Look("Running", "loader-2", "outline", "busy")
PAUSED = Look("Paused", "player-pause", "filled", "quiet")

LOOKS = {
    "successful": UP._replace(word="Successful"),
    "up": UP,
    "failure": FAILING._replace(word="Failure"),
    "failing": FAILING,
    "late": Look("Late", "clock-exclamation", "outline", "error"),
    "error": Look("Error", "square-rotated", "filled", "error"),
    "abort": Look("Abort", "square", "filled", "abort"),
    "queued": RUNNING._replace(word="Queued", icon="circle-dashed"),
    "running": RUNNING,
    "paused": PAUSED,
    "muted": PAUSED._replace(word="Muted", icon="bell-off", style="outline"),
    "system_error": Look("Our side", "alert-triangle", "outline", "quiet"),
    "waiting": Look("No result yet", "circle-dashed", "outline", "quiet"),
}


@register.inclusion_tag("workspaces/_state.html")
def state(key: str, word: str = "") -> dict[str, Any]:
    """`{% state run.result %}`, or with a word of one's own `{% state "up" "Paging" %}`."""
    look = LOOKS[key]
    return {"look": look, "word": word or look.word}


@register.inclusion_tag("workspaces/_state.html")
def state_shape(key: str) -> dict[str, Any]:
    """The shape alone, for where the words stand beside it anyway; screen readers still hear the word."""
    return {"look": LOOKS[key], "word": LOOKS[key].word, "shape_only": True}
