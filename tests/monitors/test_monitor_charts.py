"""Figures, chart, days and tabs of a monitor's page."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from monitors import rollups
from monitors.charts.axes import marks, step_label, steps
from monitors.models import Gap, Monitor, Outage, Result
from monitors.rollups import CountedRequest
from tests.factories import CONTENT, make_monitor, make_run
from workspaces.models import Workspace

NOON = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def seen_at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody signs in, since sessions expire."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    """Twenty days old, with an outage of 20 minutes and a gap of two hours."""
    monitor = make_monitor(workspace, cron="*/10 * * * *")
    Monitor.objects.filter(pk=monitor.pk).update(created_at=NOON - 20 * DAY)
    for minutes in range(24 * 60, 0, -10):
        ago = NOON - minutes * MINUTE
        if NOON - 8 * HOUR < ago < NOON - 6 * HOUR:
            continue
        bad = minutes in (200, 190)
        make_run(
            monitor,
            Result.FAILURE if bad else Result.SUCCESSFUL,
            scheduled_at=ago,
            started_at=ago,
            finished_at=ago,
            response_time_ms=400,
        )
    Gap.objects.create(
        monitor=monitor, region="default", reason="late", started_at=NOON - 8 * HOUR, ended_at=NOON - 6 * HOUR
    )
    return monitor


def test_any_two_dates_have_a_form_and_include_the_last_day(as_viewer: Client, monitor: Monitor) -> None:
    page = page_of(as_viewer, monitor, "?since=2030-01-05&until=2030-01-06")
    assert 'name="since" type="date" required value="2030-01-05"' in page
    assert "Sat 5 Jan to Sun 6 Jan" in page
    page_of(as_viewer, monitor, "?since=2030-01-05&until=9999-12-31")


def test_the_table_lists_what_the_chart_marks(as_viewer: Client, monitor: Monitor) -> None:
    monitor.collection.versions.update(created_at=NOON - HOUR)
    words = text_of(page_of(as_viewer, monitor, "?table="), "What happened.*?</table>")
    assert "Version 1 of the collection 7 Jan, 11:00 Outage 7 Jan, 08:40 7 Jan, 09:00" in words
    assert "Nothing ran in default 7 Jan, 04:00 7 Jan, 06:00" in words


def test_a_page_that_is_filtered_or_older_is_not_refreshed(as_viewer: Client, monitor: Monitor) -> None:
    assert "every 4s" in page_of(as_viewer, monitor)
    assert "every 4s" in page_of(as_viewer, monitor, "?tab=requests&q=order")
    for query in ("?q=order", "?result=failed", "?before=9"):
        assert "every 4s" not in page_of(as_viewer, monitor, query)


def page_of(client: Client, monitor: Monitor, query: str = "") -> str:
    return client.get(f"{monitor.get_absolute_url()}{query}").content.decode()


def text_of(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, pattern
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def test_the_figures_tell_uptime_percentiles_and_the_next_run(as_viewer: Client, monitor: Monitor) -> None:
    shown = text_of(page_of(as_viewer, monitor), r'<dl class="figures">.*?</dl>')
    assert "Uptime, 30 days 99.93 % down 20 min in 1 outage" in shown
    assert "p50, 24 h 397 ms nothing to compare with" in shown
    assert "Next run in 10 min" in shown


def test_a_slower_day_is_compared_with_the_week_before(as_viewer: Client, monitor: Monitor) -> None:
    for hours in range(30, 100):
        ago = NOON - hours * HOUR
        make_run(monitor, scheduled_at=ago, started_at=ago, finished_at=ago, response_time_ms=200)
    shown = text_of(page_of(as_viewer, monitor), r'<dl class="figures">.*?</dl>')
    assert re.search(r"(9\d|10\d) % slower than the week before", shown)


def test_the_chart_breaks_its_lines_where_nothing_was_seen(as_viewer: Client, monitor: Monitor) -> None:
    page = page_of(as_viewer, monitor)
    assert len(re.findall(r'<polyline class="line"', page)) == 3
    assert page.count('fill="url(#hatch)"') == 1
    assert "nothing ran" in page
    assert text_of(page, r'<text class="out-word".*?</text>') == "20 min"


def test_the_chart_is_described_in_words(as_viewer: Client, monitor: Monitor) -> None:
    (label,) = re.findall(r'id="plot"[^>]*aria-label="([^"]*)"', page_of(as_viewer, monitor))
    assert "Median 397 ms in default. Outages: 1, 20 min in all. Not watched for 2 h." in label


def test_the_script_gets_the_figures_of_each_bucket(as_viewer: Client, monitor: Monitor) -> None:
    page = page_of(as_viewer, monitor)
    data = json.loads(re.findall(r'<script id="plot-data"[^>]*>(.*?)</script>', page)[0])
    assert (data["step"], data["count"]) == (600, 144)
    (region,) = data["regions"]
    assert region["buckets"][0] == [397, 397, 1]
    assert region["buckets"][124] == [None, None, 1]
    assert region["buckets"][100] is None


def test_the_figures_are_a_table_too(as_viewer: Client, monitor: Monitor) -> None:
    assert 'class="table numbers"' not in page_of(as_viewer, monitor)
    table = text_of(page_of(as_viewer, monitor, "?table"), r'<table class="table numbers">.*?</table>')
    assert "7 Jan, 11:50 397 ms 397 ms 1 0" in table
    assert "7 Jan, 08:40 – – 1 1" in table


@pytest.mark.parametrize("name", ["1h", "24h", "7d", "30d", "90d", "13mo"])
def test_a_range_is_kept_in_the_address(as_viewer: Client, monitor: Monitor, name: str) -> None:
    page = page_of(as_viewer, monitor, f"?range={name}")
    assert re.findall(r'href="\?range=(\w+)" aria-current="true"', page) == [name]


def test_an_unknown_range_is_the_last_day(as_viewer: Client, monitor: Monitor) -> None:
    for query in ("?range=2y", "?since=2031-01-01&until=2030-01-01", "?since=0001-01-01", "?day=9999-12-31"):
        assert "Response time from 06 Jan 2030, 12:00" in page_of(as_viewer, monitor, query)


def test_a_new_version_of_the_collection_is_marked(as_editor: Client, monitor: Monitor) -> None:
    monitor.collection.add_version(CONTENT, by=None)
    monitor.collection.versions.update(created_at=NOON - HOUR)
    page = page_of(as_editor, monitor)
    assert page.count('<line class="deploy"') == 2
    assert ">v1</text>" in page


def test_ninety_days_are_pills_that_lead_to_their_runs(as_viewer: Client, monitor: Monitor) -> None:
    page = page_of(as_viewer, monitor)
    days = re.findall(r'<a class="day([^"]*)" href="\?day=([\d-]*)" title="([^"]*)"', page)
    assert len(days) == 90
    assert days[0] == (" d-none", "2029-10-10", "Wed 10 Oct: not watched")
    assert days[-2] == ("", "2030-01-06", "Sun 6 Jan: no outage")
    assert days[-1] == (" d-1", "2030-01-07", "Mon 7 Jan: 20 min down in 1 outage")


def test_requests_have_figures_and_a_chart(as_viewer: Client, monitor: Monitor) -> None:
    run = make_run(monitor, started_at=NOON - MINUTE, finished_at=NOON - MINUTE)
    rollups.count_run(
        run, [CountedRequest("Orders", "List", True, 80), CountedRequest("", "Sign in", False, 900)]
    )
    page = page_of(as_viewer, monitor, "?tab=requests&range=24h")
    table = text_of(page, r'<table class="table as-cards">.*?</table>')
    assert "Orders / List 1 0 79 ms 79 ms" in table
    assert "Sign in 1 1 – –" in table
    (key, _) = re.findall(r'href="\?tab=requests&amp;range=24h&amp;of=(\d+)#chart-head"', page)
    assert "Response time of <bdi>List</bdi>" in page_of(as_viewer, monitor, f"?of={key}")


def test_outages_and_changes_have_tabs(as_editor: Client, monitor: Monitor) -> None:
    outage = Outage.objects.get()
    assert outage.get_absolute_url() in page_of(as_editor, monitor, "?tab=outages")
    assert "Version 1</a> of the collection, 1 request" in page_of(as_editor, monitor, "?tab=changes")


def test_a_monitor_that_never_ran_has_a_page(as_viewer: Client, workspace: Workspace) -> None:
    page = page_of(as_viewer, make_monitor(workspace))
    assert "No run." in page
    assert "Runs appear here" in page


def test_axes_have_round_marks() -> None:
    assert steps(1800) == [0, 500, 1000, 1500, 2000]
    assert [step_label(step) for step in steps(90)] == ["0", "20 ms", "40 ms", "60 ms", "80 ms", "100 ms"]
    assert [step_label(step) for step in (500, 1000, 1500, 2000)] == ["500 ms", "1 s", "1.5 s", "2 s"]


def test_marks_follow_the_clock_of_the_reader() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = datetime(2030, 3, 30, 12, 0, tzinfo=UTC)
    labels = [mark.label for mark in marks(spring, spring + DAY, berlin)]
    assert labels == ["16:00", "20:00", "Sun 31 Mar", "04:00", "08:00", "12:00"]
    assert [mark.label for mark in marks(NOON, NOON + 7 * DAY, berlin)][:2] == ["8 Jan", "9 Jan"]
    assert "Jan 2030" in [mark.label for mark in marks(NOON - 395 * DAY, NOON, berlin)]
