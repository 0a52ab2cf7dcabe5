"""Runs at a glance."""

from django import template
from django.db.models import Count

from monitors import cron
from monitors.models import Run

register = template.Library()


@register.inclusion_tag("admin/_system_errors.html")
def system_errors() -> dict[str, int]:
    """How many runs ended with a system error, for operators."""
    return Run.objects.system_errors_of_last_day().aggregate(
        runs=Count("pk"),
        monitors=Count("monitor", distinct=True),
        workspaces=Count("workspace", distinct=True),
    )


@register.filter
def schedule(expression: str) -> str:
    """A preset by its name, any other cron expression as it is."""
    return cron.PRESETS.get(expression, expression)
