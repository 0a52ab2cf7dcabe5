"""Shares as people read them."""

from math import floor

from django import template

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """ "99.98 %" of a share from 0 to 1. It is rounded down: only what never failed has 100 %."""
    return "100 %" if share >= 1 else f"{floor(share * 10_000) / 100:.2f} %"
