import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from workspaces.durations import in_words, milliseconds_in_words
from workspaces.models import Workspace
from workspaces.templatetags.times import elapsed, full_datetime, relative


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (None, "–"),
        (0, "0 ms"),
        (840, "840 ms"),
        (1000, "1.0 s"),
        (1234, "1.2 s"),
        (59_940, "59.9 s"),
        (59_960, "1 min"),
        (250_000, "4 min 10 s"),
        (3_599_600, "1 h"),
        (3_725_000, "1 h 2 min"),
    ],
)
def test_a_duration_reads_as_people_say_it(milliseconds: int | None, words: str) -> None:
    assert milliseconds_in_words(milliseconds) == words


@pytest.mark.parametrize(
    ("seconds", "exact", "glance"),
    [
        (-3, "0 s", "0 s"),
        (0.4, "0 s", "0 s"),
        (59.4, "59 s", "59 s"),
        (59.6, "1 min", "1 min"),
        (89, "1 min 29 s", "1 min"),
        (119.97, "2 min", "2 min"),
        (3599, "59 min 59 s", "1 h"),
        (3629, "1 h", "1 h"),
        (46_800, "13 h", "13 h"),
        (84_960, "23 h 36 min", "1 d"),
        (86_399, "1 d", "1 d"),
        (100_800, "1 d 4 h", "1 d"),
        (130_000, "1 d 12 h", "2 d"),
        (35_000_000, "405 d 2 h", "405 d"),
    ],
)
def test_a_time_span_is_rounded_to_the_units_that_are_shown(seconds: float, exact: str, glance: str) -> None:
    assert in_words(seconds) == exact
    assert in_words(seconds, units=1) == glance


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "45 s"), (89, "1 min"), (150, "3 min"), (5700, "1 h 35 min")]
)
def test_what_goes_on_is_shown_without_seconds_after_a_minute(seconds: int, words: str) -> None:
    assert elapsed(timezone.now() - timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (40, "40 s ago"),
        (190, "3 min ago"),
        (7200, "2 h ago"),
        (200_000, "2 d ago"),
        (-130, "in 2 min"),
    ],
)
def test_a_time_reads_from_now(seconds: int, words: str) -> None:
    assert relative(timezone.now() - timedelta(seconds=seconds)) == words


def test_the_exact_time_is_in_the_zone_of_the_person() -> None:
    with timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
        assert full_datetime(datetime(2026, 11, 23, 20, 5, 9, tzinfo=UTC)) == "23 Nov 2026, 21:05:09 CET"


def test_an_overdue_run_is_due_now() -> None:
    template = Template("{% load times %}{% ago when upcoming=True %}")
    page = template.render(Context({"when": timezone.now() - timedelta(minutes=3)}))
    assert ">now</time>" in page


def test_a_zone_that_the_browser_made_up_is_ignored(as_owner: Client, workspace: Workspace) -> None:
    as_owner.cookies["timezone"] = "Mars/Olympus"
    assert as_owner.get(workspace.get_absolute_url()).status_code == 200
