"""Words and links of a monitor's page."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from monitors.charts.response_times import GAP_WORDS, MAX_SHOWN
from monitors.figures import Figures
from monitors.models import CollectionVersion, Gap, Outage, RequestName
from monitors.models.gaps import GapReason
from monitors.stats import MonitorStats
from monitors.stats.days import DayUptime
from monitors.stats.ranges import TimeRange
from monitors.views.monitor_figures import percent_in_words
from workspaces import durations

register = template.Library()

NO_TAB_STOP = mark_safe(' tabindex="-1"')

register.filter("uptime", percent_in_words)


@dataclass(frozen=True)
class FigureRow:
    """One bucket in the table of figures."""

    start: datetime
    figures: list[Figures]


@register.filter
def figure_rows(stats: MonitorStats) -> Iterator[FigureRow]:
    """The buckets of a range in which a run ended, the newest first."""
    for number, span in reversed(list(enumerate(stats.range.buckets))):
        figures = [region.buckets[number] for region in stats.regions]
        if any(each.runs for each in figures):
            yield FigureRow(span.start, figures)


class Event(NamedTuple):
    """Something that the chart marks: an outage, a gap, or a version of the collection."""

    at: datetime
    words: str
    until: datetime | None = None
    """None for an outage that lasts, and for a version."""
    outage: Outage | None = None


@register.simple_tag
def happenings(stats: MonitorStats, versions: Sequence[CollectionVersion]) -> list[Event]:
    """What happened in the range, the newest first, as far as the chart has room for it."""
    outages = [Event(each.started_at, "Outage", each.ended_at, each) for each in stats.watch.outages]
    gaps = [Event(gap.started_at, _gap_in_words(gap), gap.ended_at) for gap in stats.watch.gaps]
    deploys = [Event(each.created_at, f"Version {each.number} of the collection") for each in versions]
    return sorted([*outages, *gaps, *deploys], key=lambda event: event.at, reverse=True)[:MAX_SHOWN]


def _gap_in_words(gap: Gap) -> str:
    words = GAP_WORDS[GapReason(gap.reason)].capitalize()
    return f"{words} in {gap.region}" if gap.region else words


@register.filter
def range_word(name: str) -> str:
    """ "24 h" for `24h`."""
    return re.sub(r"(?<=\d)(?=[a-z])", " ", name)


@register.filter
def minute(when: datetime) -> str:
    """ "03:26" """
    return f"{timezone.localtime(when):%H:%M}"


@register.filter
def moment(when: datetime) -> str:
    """ "30 Nov, 03:26" """
    local = timezone.localtime(when)
    return f"{local.day} {local:%b, %H:%M}"


@register.filter
def day_word(day: date) -> str:
    """ "Today, Mon 30 Nov" """
    words = f"{day:%a} {day.day} {day:%b}"
    today = timezone.localdate()
    if day == today:
        return f"Today, {words}"
    if day == today - timedelta(days=1):
        return f"Yesterday, {words}"
    return words if day.year == today.year else f"{words} {day.year}"


def day_in_words(day: DayUptime) -> str:
    """ "15 min down in 1 outage" """
    if not day.watched:
        return "not watched"
    if not day.down:
        return "no outage"
    down = durations.in_words(day.down.total_seconds(), smallest=60)
    return f"{down} down in {day.outages} outage{'s' if day.outages != 1 else ''}"


@register.simple_tag(takes_context=True)
def day_pills(context: Context, days: Sequence[DayUptime]) -> SafeString:
    """The days as links to their runs. The last is the stop of the Tab key; arrow keys go on from there."""
    query = context["request"].GET.copy()
    for name in ("day", "range", "since", "until", "around", "before"):
        query.pop(name, None)
    kept = f"{query.urlencode()}&" if query else ""
    return format_html_join(
        "",
        '<li><a class="day{0}" href="?{1}day={2}" title="{3}" aria-label="{3}"{4}></a></li>',
        (
            (
                f" d-{day.level}" if day.level else "" if day.watched else " d-none",
                kept,
                day.day.isoformat(),
                f"{day.day:%a} {day.day.day} {day.day:%b}: {day_in_words(day)}",
                "" if day is days[-1] else NO_TAB_STOP,
            )
            for day in days
        ),
    )


@register.filter
def span_in_words(span: TimeRange) -> str:
    """ "30 Nov, 20:16 to 22:36", or the day when it is one."""
    start, end = timezone.localtime(span.since), timezone.localtime(span.until)
    if (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0):
        last = end - timedelta(days=1)
        days = f"{start:%a} {start.day} {start:%b}"
        return days if last.date() == start.date() else f"{days} to {last:%a} {last.day} {last:%b}"
    to = f"{end:%H:%M}" if start.date() == end.date() else moment(end)
    return f"{moment(start)} to {to}"


@register.filter
def milliseconds_range(times: tuple[int, int]) -> str:
    """ "902–955 ms" """
    fastest, slowest = (durations.milliseconds_in_words(time) for time in times)
    if fastest == slowest:
        return slowest
    number, _, unit = fastest.rpartition(" ")
    return f"{number if slowest.endswith(f' {unit}') else fastest}–{slowest}"


@register.filter
def pairs(values: Iterable[str | RequestName]) -> list[tuple[str, str]]:
    """Values as the choices of a filter."""
    return [(word, word) for word in dict.fromkeys(map(str, values))]


@register.filter
def word_of(choices: Iterable[tuple[str, str]], value: str) -> str:
    """What a choice is called."""
    return dict(choices).get(value, value)


@register.simple_tag(takes_context=True)
def link_with(context: Context, name: str, value: str | None) -> str:
    """The page with another value of one parameter, or without it, at the first page of runs."""
    query = context["request"].GET.copy()
    query.pop("before", None)
    query.pop(name, None)
    if value is not None:
        query[name] = value
    return f"?{query.urlencode()}"
