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
    _, _, drawing = file.read_text().partition("\n>")
    lines = [line.strip() for line in drawing.split("\n") if 'd="M0 0h24v24H0z"' not in line]
    css_class = "i i-filled" if style == "filled" else "i"
    return mark_safe(f'<svg class="{css_class}" viewBox="0 0 24 24" aria-hidden="true">{"".join(lines)}')
