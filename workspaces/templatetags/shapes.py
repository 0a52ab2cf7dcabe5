"""The shapes of states, drawn in place. Color, shape and word say the same, so that each is enough."""

from typing import NamedTuple

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class Shape(NamedTuple):
    tone: str
    """Names the class `s-<tone>` in pieces.css, which colors it."""
    drawing: SafeString
    """On a field of 12 by 12."""


def _line(path: str, width: float) -> SafeString:
    return format_html(
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="{}" '
        'stroke-linecap="round" stroke-linejoin="round"/>',
        path,
        width,
    )


def _area(element: str) -> SafeString:
    return mark_safe(f'<{element} fill="currentColor"/>')


CIRCLE = "M6 1.1a4.9 4.9 0 1 1 0 9.8a4.9 4.9 0 1 1 0-9.8"
BELL = "M3 8.7c.8-1 .8-2 .8-3.2A2.3 2.3 0 0 1 8.2 5c.2 1.6 0 2.7.9 3.7z"

SHAPES = {
    "ok": Shape("ok", _area('circle cx="6" cy="6" r="4.8"')),
    "fail": Shape("fail", _area('path d="M6 .6 11.9 11.2H.1z"')),
    "error": Shape("error", _area('path d="M6 .4 11.6 6 6 11.6.4 6z"')),
    "abort": Shape("abort", _area('rect x="1.2" y="1.2" width="9.6" height="9.6" rx="1.3"')),
    "busy": Shape(
        "busy",
        mark_safe(
            '<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="2" opacity=".3"/>'
        )
        + _line("M6 1.5A4.5 4.5 0 0 1 10.5 6", 2),
    ),
    "late": Shape("idle", _line(CIRCLE + "M6 3.3V6l1.8 1.2", 1.5)),
    "ours": Shape("idle", _line("M6 1.5 11 10.3H1z", 1.5)),
    "paused": Shape("idle", _line("M3.8 2v8M8.2 2v8", 2.3)),
    "muted": Shape("idle", _line(BELL + "M1.3 1.3l9.4 9.4", 1.4)),
    "canceled": Shape("idle", _line(CIRCLE + "M4.3 4.3l3.4 3.4M7.7 4.3l-3.4 3.4", 1.4)),
    "none": Shape(
        "idle",
        mark_safe(
            '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.5" '
            'stroke-dasharray="2.2 1.9"/>'
        ),
    ),
}


@register.simple_tag
def shape(name: str) -> SafeString:
    """`{% shape "fail" %}`: decoration, hidden from screen readers. Its word stands beside it."""
    tone, drawing = SHAPES[name]
    return format_html(
        '<svg class="shape s-{}{}" viewBox="0 0 12 12" aria-hidden="true">{}</svg>',
        tone,
        " spin" if name == "busy" else "",
        drawing,
    )
