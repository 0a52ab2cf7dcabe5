"""Runs at a glance."""

from collections.abc import Sequence

from django import template
from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from monitors import cron
from monitors.models import Monitor, Run
from monitors.templatetags.states import BADGES
from workspaces.durations import milliseconds_in_words
from workspaces.templatetags.times import full_datetime

register = template.Library()

BARS = 30
LEVELS = 12
"""Heights that a bar can have: `bar-1` to `bar-12` in runs.css."""


@register.simple_tag
def run_strip(monitor: Monitor, runs: Sequence[Run], slowest_ms: int) -> SafeString:
    """The last runs as bars that link to them. `runs` come oldest first; `slowest_ms` is the full height."""
    # Reversing a URL for each of a list's hundreds of bars would take longer than the rest of the page.
    base = reverse("monitors:run", args=[monitor.workspace.slug, 0]).removesuffix("0/")
    bars = format_html_join(
        "",
        '<a class="bar bar-{} state-{}" href="{}{}/" tabindex="{}" title="{}"></a>',
        (
            (
                level(run, slowest_ms),
                BADGES[run.result].color,
                base,
                run.pk,
                tab_index(run, runs),
                describe(run),
            )
            for run in runs
        ),
    )
    missing = mark_safe('<span class="bar"></span>' * (BARS - len(runs)))
    return format_html('<div class="strip" role="group" aria-label="Last runs">{}{}</div>', missing, bars)


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


def level(run: Run, slowest_ms: int) -> int:
    return max(1, round(LEVELS * run.response_time_ms / slowest_ms)) if slowest_ms else 1


def tab_index(run: Run, runs: Sequence[Run]) -> int:
    """A strip is one stop of the Tab key: the newest run. Arrow keys go on from there."""
    return 0 if run is runs[-1] else -1


def describe(run: Run) -> str:
    when = full_datetime(run.finished_at) if run.finished_at else ""
    tests = f", {run.failed_tests} of {run.test_count} tests failed" * bool(run.failed_tests)
    return f"{BADGES[run.result].word}, {milliseconds_in_words(run.response_time_ms)}{tests}\n{when}"
