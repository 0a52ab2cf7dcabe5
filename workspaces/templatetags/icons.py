"""Tabler's icons, drawn in place so that they take the color of the text beside them."""

from functools import cache

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def icon(name: str, style: str = "outline") -> SafeString:
    """`{% icon "plus" %}`: decoration, hidden from screen readers. `style` is outline or filled."""
    return _svg(name, style)


@cache
def _svg(name: str, style: str) -> SafeString:
    file = settings.NODE_MODULES / "@tabler" / "icons" / "icons" / style / f"{name}.svg"
    lines = file.read_text().split("\n")
    svg = " ".join(line.strip() for line in lines if 'd="M0 0h24v24H0z"' not in line)
    svg = svg.replace("<svg", '<svg aria-hidden="true"', 1)
    return mark_safe(svg)
