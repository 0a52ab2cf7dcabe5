"""The parts of a run's page."""

import re
from collections.abc import Sequence

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from monitors.json_lines import Line
from monitors.request_results import Outcome, RequestResult, SentRequestResult
from monitors.run_causes import by_count
from monitors.views.run_page import Row, RunPage
from workspaces.durations import milliseconds_in_words
from workspaces.templatetags.shapes import shape

register = template.Library()

SHAPES: dict[Outcome, str] = {"passed": "ok", "failed": "fail", "error": "error", "unsent": "none"}
WORDS: dict[Outcome, str] = {"passed": "passed", "failed": "failed", "error": "error", "unsent": "not sent"}
SHORT_METHODS = {"DELETE": "DEL", "OPTIONS": "OPT"}
MAX_NAMES = 5
# The end of a string may be missing, in a body that was cut: looking for it from each quote would take long.
JSON_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|-?\d[\d.eE+-]*+|\b(?:true|false|null)\b')


@register.simple_tag
def outcome_shape(outcome: Outcome) -> SafeString:
    return shape(SHAPES[outcome])


@register.simple_tag
def outcome_word(outcome: Outcome) -> str:
    return WORDS[outcome]


@register.simple_tag
def request_query(page: RunPage, request: RequestResult | None = None, tab: str = "") -> str:
    """The query of the page with another request or tab; without a request, the one of the list."""
    if request is None:
        return page.query(request="", tab="") or "?"
    return page.query(request=request.position, tab=tab or page.tab)


@register.simple_tag
def method(request: SentRequestResult) -> SafeString:
    """The method in five letters at most; screen readers hear all of it."""
    full = request.method
    short = SHORT_METHODS.get(full, full[:5])
    if short == full:
        return escape(full)
    hidden = '<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>'
    return format_html(hidden, short, full)


@register.simple_tag
def names(listed: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    different = by_count(listed)
    more = len(different) - MAX_NAMES
    return ", ".join([*different[:MAX_NAMES], *([f"{more} more"] if more > 0 else [])])


@register.simple_tag
def comparison(row: Row) -> SafeString:
    """How much longer a request took than in the other run, or how long it took there."""
    if row.delta_ms is None:
        before = row.other.response_time_ms if row.other else None
        return format_html('<span class="delta">was {}</span>', milliseconds_in_words(before))
    if row.delta_ms == 0:
        return mark_safe("")
    worse = " worse" if row.delta_ms > 0 else ""
    return format_html('<span class="delta{}">{}</span>', worse, signed_duration(row.delta_ms))


@register.filter
def signed_duration(milliseconds: int) -> str:
    """ "+218 ms" or "−40 ms"."""
    return f"{'−' if milliseconds < 0 else '+'}{milliseconds_in_words(abs(milliseconds))}"


@register.filter
def seconds(milliseconds: int) -> str:
    """ "0.552": seconds on the clock of a run."""
    return f"{milliseconds / 1000:.3f}"


@register.simple_tag
def code_line(line: Line) -> SafeString:
    """A line of JSON or other text, with its strings, numbers and words in colors."""
    css_class = f"l {line.mark}".strip()
    return format_html('<span class="{}">{}</span>', css_class, _colored(line.text))


def _colored(text: str) -> SafeString:
    parts, end = [], 0
    for token in JSON_TOKEN.finditer(text):
        parts.append(("", text[end : token.start()]))
        parts.append((_kind(token[0], text[token.end() : token.end() + 1]), token[0]))
        end = token.end()
    parts.append(("", text[end:]))
    pieces = (
        (format_html('<span class="{}">{}</span>', kind, part) if kind else part,) for kind, part in parts
    )
    return format_html_join("", "{}", pieces)


def _kind(token: str, following: str) -> str:
    if token.startswith('"'):
        return "k" if following == ":" else "st"
    return "wo" if token.isalpha() else "nu"
