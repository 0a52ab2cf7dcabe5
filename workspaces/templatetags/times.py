"""Times and durations as people read them."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()

UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


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
    words = span(abs(seconds), units=1)
    return f"{words} ago" if seconds > 0 else f"in {words}"


def span(seconds: float, *, units: int = 2, smallest: int = 1) -> str:
    """How long something is, the one way in which pages and mails say it: "45 s", "4 min 10 s", "2 h 5 min".

    It is rounded to the last of the `units` that are shown, and to `smallest` seconds at least.
    """
    whole = max(0, round(seconds))
    first = next((at for at, (size, _) in enumerate(UNITS) if whole >= size), len(UNITS) - 1)
    step = UNITS[min(first + units, len(UNITS)) - 1][0]
    if whole >= smallest:
        step = max(step, smallest)
    rest = (whole + step // 2) // step * step
    parts = []
    for size, unit in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


@register.filter
def elapsed(since: datetime) -> str:
    """How long something has lasted so far: "12 min"; what still grows needs no seconds after a minute."""
    return span((timezone.now() - since).total_seconds(), smallest=60)


@register.filter
def spell(delta: timedelta) -> str:
    """A time span that is over: "2 min 10 s"."""
    return span(delta.total_seconds())


@register.filter
def full_datetime(when: datetime) -> str:
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
    return span(milliseconds / 1000)
