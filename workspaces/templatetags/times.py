"""Times and durations as people read them."""

from datetime import datetime, timedelta
from typing import TypedDict

from django import template
from django.utils import timezone

from workspaces import durations

register = template.Library()
register.filter("duration", durations.milliseconds_in_words)


class TimeContext(TypedDict):
    when: datetime | None
    words: str
    focusable: bool


@register.inclusion_tag("workspaces/_time.html")
def ago(when: datetime | None, focusable: bool = True, upcoming: bool = False) -> TimeContext:
    """`{% ago run.finished_at %}`: "3 min ago". Hovering or focusing shows the exact time and zone.

    Inside a link, which takes the focus itself, pass `focusable=False`.
    An `upcoming` time that is overdue reads "now".
    """
    words = relative(max(when, timezone.now()) if upcoming else when) if when else ""
    return {"when": when, "words": words, "focusable": focusable}


def relative(when: datetime) -> str:
    seconds = round((timezone.now() - when).total_seconds())
    if abs(seconds) < 5:
        return "now"
    words = durations.in_words(abs(seconds), units=1)
    return f"{words} ago" if seconds > 0 else f"in {words}"


@register.filter
def elapsed(since: datetime) -> str:
    """How long something has lasted so far, without seconds after the first minute: "12 min"."""
    return durations.in_words((timezone.now() - since).total_seconds(), smallest=60)


@register.filter
def in_words(delta: timedelta) -> str:
    """How long something lasted: "2 min 10 s"."""
    return durations.in_words(delta.total_seconds())


@register.filter
def clock(when: datetime) -> str:
    """ "21:53" for a time of today, "23 Nov, 21:53" for others, in the person's zone."""
    local = timezone.localtime(when)
    day = "" if local.date() == timezone.localdate() else f"{local.day} {local:%b}, "
    return f"{day}{local:%H:%M}"


@register.filter
def day_name(when: datetime) -> str:
    """ "Yesterday" or "Mon 23 Nov", in the person's zone; nothing for today."""
    day, today = timezone.localtime(when).date(), timezone.localdate()
    if day == today:
        return ""
    return "Yesterday" if day == today - timedelta(days=1) else f"{day:%a} {day.day} {day:%b}"


@register.filter
def full_datetime(when: datetime) -> str:
    """ "23 Nov 2026, 21:53:43 CET", in the person's zone."""
    local = timezone.localtime(when)
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"
