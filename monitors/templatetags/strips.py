"""Run strips: the last runs of a monitor as bars, the newest at the right."""

from collections.abc import Iterator, Sequence
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from monitors.models import Monitor, Result, Run
from monitors.models.runs import RunBar
from monitors.templatetags.states import BADGES
from workspaces.durations import milliseconds_in_words
from workspaces.templatetags.times import full_datetime

register = template.Library()

BARS = 30
HEIGHT = 28
TYPICAL = 24
"""The height of the 95th percentile of the good runs."""
STUB = 3
"""The height of a bar for a run that does not exist yet."""

SLOT = 100 / BARS
"""The width that a bar and its gap take, in per cent."""


@register.simple_tag
def run_strip(monitor: Monitor, runs: Sequence[Run | RunBar], *, linked: bool = False) -> SafeString:
    """The last runs, which come oldest first, on a scale of their own; failures take the full height.

    On lists and walls the strip is one picture, since its row leads to the monitor. With `linked` each bar
    leads to its run.
    """
    missing = "".join(_bar(place, STUB, "none") for place in range(BARS - len(runs)))
    if linked:
        bars, role = "".join(_linked_bars(monitor, runs)), "group"
    else:
        bars, role = "".join(_bar(*geometry) for geometry in _geometry(runs)), "img"
    label = escape(f"{_last(len(runs))} of {monitor}: {_count_in_words(runs)}")
    return mark_safe(f'<svg class="strip" role="{role}" aria-label="{label}">{missing}{bars}</svg>')


@register.simple_tag
def example_strip() -> SafeString:
    """What a strip looks like, for those who have no run yet."""
    bars = "".join(_bar(place, 9 + place * 7 % 5 + 10 * (place % 11 == 4), "ok") for place in range(BARS))
    return mark_safe(f'<svg class="strip" aria-hidden="true">{bars}</svg>')


def _geometry(runs: Sequence[Run | RunBar]) -> Iterator[tuple[int, int, str]]:
    """Place, height and kind of each bar."""
    full = typical_ms(runs)
    for place, run in enumerate(runs, start=BARS - len(runs)):
        kind = BADGES[run.result].tone
        good = round(TYPICAL * run.response_time_ms / full) if full else STUB
        yield place, min(HEIGHT, max(STUB, good)) if run.result == Result.SUCCESSFUL else HEIGHT, kind


def typical_ms(runs: Sequence[Run | RunBar]) -> int:
    """The 95th percentile of the response times of the good runs."""
    good = sorted(run.response_time_ms for run in runs if run.result == Result.SUCCESSFUL)
    return good[int(0.95 * (len(good) - 1))] if good else 0


def _bar(place: int, height: int, kind: str) -> str:
    css_class = "" if kind == "ok" else f' class="m-{kind}"'
    left, top, width = place * SLOT + 0.4, HEIGHT - height, SLOT - 0.8
    return f'<rect{css_class} x="{left:.2f}%" y="{top}" width="{width:.2f}%" height="{height}"/>'


def _linked_bars(monitor: Monitor, runs: Sequence[Run | RunBar]) -> Iterator[str]:
    # Reversing a URL for each bar would take longer than the rest of the strip.
    base = reverse("monitors:run", args=[monitor.workspace.slug, 0]).removesuffix("0/")
    for run, geometry in zip(runs, _geometry(runs), strict=True):
        # A strip is one stop of the Tab key: the newest run. Arrow keys go on from there.
        tab_index = 0 if run is runs[-1] else -1
        hit = f'<rect class="m-hit" x="{geometry[0] * SLOT:.2f}%" width="{SLOT:.2f}%" height="{HEIGHT}"/>'
        yield (
            f'<a href="{base}{run.pk}/" tabindex="{tab_index}" aria-label="{escape(describe(run))}">'
            f"{_bar(*geometry)}{hit}</a>"
        )


def _last(count: int) -> str:
    return "Last run" if count == 1 else f"Last {count} runs"


def _count_in_words(runs: Sequence[Run | RunBar]) -> str:
    if not runs:
        return "none yet"
    bad = sum(run.result != Result.SUCCESSFUL for run in runs)
    return f"{bad} not successful" if bad else "all successful"


def describe(run: Run | RunBar) -> str:
    """What a bar says: result, response time, failed tests, and when the run ended."""
    when = full_datetime(run.finished_at) if run.finished_at else ""
    tests = f", {run.failed_tests} of {run.test_count} tests failed" * bool(run.failed_tests)
    return f"{BADGES[run.result].word}, {milliseconds_in_words(run.response_time_ms)}{tests}\n{when}"
