"""Times and durations as people read them."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()


@register.inclusion_tag("workspaces/_time.html")
def ago(when: datetime | None, focusable: bool = True, upcoming: bool = False) -> dict[str, Any]:
    """`{% ago run.finished_at %}`: "3 min ago"; hover and focus tell the exact time and zone.

    Inside a link, where the link takes the focus, pass `focusable=False`.
    What is `upcoming` and overdue is "now".
    """
    words = relative(max(when, timezone.now()) if upcoming else when) if when else ""
    return {"when": when, "words": words, "focusable": focusable}


def relative(when: datetime) -> str:
    seconds = round((timezone.now() - when).total_seconds())
    if abs(seconds) < 5:
        return "now"
    span = coarse(abs(seconds))
    return f"{span} ago" if seconds > 0 else f"in {span}"


def coarse(seconds: int) -> str:
    """The largest unit alone: what a glance needs."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@register.filter
def lasting(since: datetime) -> str:
    """How long it has lasted: "12 min"."""
    return coarse(max(0, round((timezone.now() - since).total_seconds())))


@register.filter
def exactly(when: datetime) -> str:
    """ "23 Nov 2026, 21:53:43 CET", in the person's zone."""
    local = timezone.localtime(when)
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"


@register.filter
def duration(milliseconds: int | None) -> str:
    """ "840 ms", "1.2 s", "4 min 10 s"."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
