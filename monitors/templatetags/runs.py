"""Runs at a glance."""

from django import template
from django.db.models import Count

from monitors import schedules
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
    """ "Every weekday at 9:00"; a cron expression that the form does not offer as it is."""
    return schedules.in_words(expression)
