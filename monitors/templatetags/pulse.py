"""The pulse of Home: how many monitors failed at each moment of the last day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from monitors.models import Outage
from workspaces.templatetags.times import clock

register = template.Library()

SPAN = timedelta(hours=24)
BAR = timedelta(minutes=10)
BARS = SPAN // BAR
MAX_OUTAGES = 500
"""So many are drawn, whatever else failed."""
HEIGHT = 36
CALM = 7
"""The height of a bar when nothing failed."""


@register.simple_tag
def pulse(outages: Iterable[Outage], now: datetime) -> SafeString:
    """A bar for each ten minutes up to now, the higher the more monitors failed."""
    found = list(outages)
    outages = found[:MAX_OUTAGES]
    counts = failing_by_bar(outages, now)
    most = max(counts)
    width = 100 / BARS
    bars = []
    for place, count in enumerate(counts):
        height = round(CALM + (HEIGHT - CALM) * count / most) if count else CALM
        kind = ' class="m-fail"' if count else ""
        bars.append(
            f'<rect{kind} x="{place * width:.2f}%" y="{HEIGHT - height}" width="{width * 0.7:.2f}%" '
            f'height="{height}"/>'
        )
    if most:
        begun = ", ".join(f"{outage.name} from {clock(outage.started_at)}" for outage in outages[:3])
        more = "More than " if len(found) > MAX_OUTAGES else ""
        words = f"{more}{len(outages)} outage{'s' * (len(outages) != 1)} in the last 24 hours: {begun}"
    else:
        words = "No outage in the last 24 hours"
    return mark_safe(f'<svg role="img" aria-label="{escape(words)}">{"".join(bars)}</svg>')


def failing_by_bar(outages: Iterable[Outage], now: datetime) -> list[int]:
    """How many outages lasted during each bar, the oldest first."""
    counts = [0] * BARS
    start = now - SPAN
    for outage in outages:
        first = max(0, (outage.started_at - start) // BAR)
        last = min(BARS - 1, ((outage.ended_at or now) - start) // BAR)
        for place in range(first, last + 1):
            counts[place] += 1
    return counts


@register.simple_tag
def pulse_times(now: datetime) -> list[str]:
    """The times under the pulse: its beginning and each quarter of it."""
    local = timezone.localtime(now - SPAN)
    return [f"{local:%a %H:%M}", *(f"{local + SPAN * part / 4:%H:%M}" for part in (1, 2, 3))]
