"""The states of monitors, runs and incidents look the same on every page: color, shape and word."""

from typing import NamedTuple, TypedDict

from django import template

from workspaces.templatetags.shapes import SHAPES

register = template.Library()


class Badge(NamedTuple):
    word: str
    shape: str
    """A name of `SHAPES`."""

    @property
    def tone(self) -> str:
        return SHAPES[self.shape].tone


class StateContext(TypedDict, total=False):
    """Of the template _state.html."""

    badge: Badge
    word: str
    shape_only: bool


BADGES = {
    "successful": Badge("Successful", "ok"),
    "up": Badge("Up", "ok"),
    "failure": Badge("Failure", "fail"),
    "failing": Badge("Failing", "fail"),
    "late": Badge("Late", "late"),
    "error": Badge("Error", "error"),
    "abort": Badge("Abort", "abort"),
    "queued": Badge("Queued", "none"),
    "running": Badge("Running", "busy"),
    "paused": Badge("Paused", "paused"),
    "muted": Badge("Muted", "muted"),
    "canceled": Badge("Canceled", "canceled"),
    "system_error": Badge("System error", "ours"),
    "waiting": Badge("No result yet", "none"),
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
