"""The runs on a monitor's page: a row for each time, a column for each region, equal rows folded."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from monitors.models import Gap, Monitor, Result, Run
from monitors.models.runs import RunType
from monitors.run_rows import WORST_FIRST, SlotRow
from tests.factories import make_monitor, make_run, make_running_run
from workspaces.models import Workspace

NOON = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CAUSE = "Create order: Status is 201"


@pytest.fixture(autouse=True)
def seen_at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody signs in, since sessions expire."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.fixture
def monitor(workspace: Workspace, settings: Settings) -> Monitor:
    """Of two regions."""
    settings.REGIONS = ["eu", "us"]
    monitor = make_monitor(workspace, cron="*/5 * * * *", regions=["eu", "us"])
    Monitor.objects.filter(pk=monitor.pk).update(created_at=NOON - timedelta(days=40))
    return monitor


def slot(monitor: Monitor, minutes_ago: int, result: str = Result.SUCCESSFUL, **fields: Any) -> list[Run]:
    """A run of one time in each region; `result` is that of the first one."""
    at = NOON - minutes_ago * MINUTE
    summary = {"summary": fields.pop("summary", CAUSE)} if result != Result.SUCCESSFUL else {}
    failed = {"failed_tests": 1} if result == Result.FAILURE else {}
    times: dict[str, Any] = {"scheduled_at": at, "started_at": at, "finished_at": at + timedelta(seconds=2)}
    return [
        make_run(monitor, result, region="eu", **times | summary | failed | fields),
        make_run(monitor, region="us", **times | fields),
    ]


def rows(client: Client, monitor: Monitor, query: str = "") -> list[str]:
    """The texts of the table's rows."""
    page = client.get(f"{monitor.get_absolute_url()}{query}").content.decode()
    table = re.search(r'<table class="table as-cards runs">(.*?)</table>', page, re.DOTALL)
    if not table:
        return []
    found = re.findall(r"<tr(?: class=\"[^\"]*\")?(?: data-row)?>(.*?)</tr>", table[1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in found[1:]]


def test_a_time_is_one_row_with_a_column_for_each_region(as_viewer: Client, monitor: Monitor) -> None:
    slot(monitor, 5, Result.FAILURE, response_time_ms=936)
    assert rows(as_viewer, monitor) == [
        "Today, Mon 7 Jan 2 runs, 1 failed",
        f"11:55 {CAUSE} 1 of 2 failed Failure eu: 936 ms us: 936 ms",
    ]


def test_equal_rows_are_folded_and_can_be_unfolded(as_viewer: Client, monitor: Monitor) -> None:
    for minutes in range(60, 30, -5):
        slot(monitor, minutes, response_time_ms=300 + minutes)
    for minutes in range(30, 0, -5):
        slot(monitor, minutes, Result.FAILURE)
    shown = rows(as_viewer, monitor)
    assert shown[1].startswith(f"11:55 {CAUSE}")
    assert "5 more with the same cause, back to 11:30" in shown[2]
    assert "6 passed, back to 11:00" in shown[3]
    assert "335–360 ms" in shown[3]
    assert len(shown) == 4
    assert len(rows(as_viewer, monitor, "?fold=no")) == 13


def test_another_cause_is_another_row(as_viewer: Client, monitor: Monitor) -> None:
    for minutes, summary in ((15, "Sign in: got 500"), (10, CAUSE), (5, CAUSE)):
        slot(monitor, minutes, Result.FAILURE, summary=summary)
    assert len(rows(as_viewer, monitor)) == 4


def test_days_have_headings(as_viewer: Client, monitor: Monitor) -> None:
    slot(monitor, 5)
    slot(monitor, 24 * 60, Result.ERROR)
    headings = [row for row in rows(as_viewer, monitor) if "runs" in row]
    assert headings == ["Today, Mon 7 Jan 2 runs", "Yesterday, Sun 6 Jan 2 runs, 1 failed"]


def test_a_gap_has_a_row_where_it_was(as_viewer: Client, monitor: Monitor) -> None:
    slot(monitor, 60)
    slot(monitor, 5)
    Gap.objects.create(
        monitor=monitor,
        region="us",
        reason="late",
        started_at=NOON - 50 * MINUTE,
        ended_at=NOON - 10 * MINUTE,
    )
    assert "nothing ran in us, back to 7 Jan, 11:10: no worker, our side" in rows(as_viewer, monitor)[2]


def test_a_canceled_run_is_neither_good_nor_bad(as_viewer: Client, monitor: Monitor) -> None:
    make_running_run(monitor).cancel(by="Ada")
    (heading, row) = rows(as_viewer, monitor)
    assert heading == "Today, Mon 7 Jan"
    assert "Canceled by Ada." in row
    assert 'class="cell num bad"' not in as_viewer.get(monitor.get_absolute_url()).content.decode()


def test_a_running_run_is_shown(as_viewer: Client, monitor: Monitor) -> None:
    make_running_run(monitor)
    assert "running" in rows(as_viewer, monitor)[1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?result=failed", ["11:50", "11:45"]),
        ("?result=error", ["11:45"]),
        ("?type=manual", ["11:40"]),
        ("?region=us", ["11:55", "11:50", "11:45", "11:40", "11:35"]),
        ("?request=Sign+in", ["11:45"]),
        ("?q=is+201", ["11:50"]),
        ("?q=nothing", []),
        ("?day=2030-01-06", []),
        ("?day=2030-01-07&around=09:40", ["11:35"]),
        ("?since=2030-01-07T11:44:00Z&until=2030-01-07T11:51:00Z", ["11:50", "11:45"]),
        ("?result=strange&type=strange&since=strange&day=2030-02-31&around=25:00&before=x", 5),
    ],
)
def test_filters_are_kept_in_the_address(
    as_viewer: Client, monitor: Monitor, query: str, expected: list[str] | int
) -> None:
    slot(monitor, 25)
    slot(monitor, 20, type=RunType.MANUAL)
    slot(monitor, 15, Result.ERROR, summary="Sign in: no answer")
    slot(monitor, 10, Result.FAILURE)
    slot(monitor, 5)
    times = [row[:5] for row in rows(as_viewer, monitor, f"{query}&fold=no") if re.match(r"\d\d:\d\d ", row)]
    assert times == expected if isinstance(expected, list) else len(times) == expected


def test_older_runs_are_a_click_away(
    as_viewer: Client, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.views.monitor_runs.RUNS_READ", 5)
    for minutes in range(30, 0, -5):
        slot(monitor, minutes)
    page = as_viewer.get(f"{monitor.get_absolute_url()}?fold=no").content.decode()
    (older,) = re.findall(r'id="older-runs" href="\?([^"]*)"', page)
    assert [row[:5] for row in rows(as_viewer, monitor, "?fold=no")[1:]] == ["11:55", "11:50"]
    query = f"?{older.replace('&amp;', '&')}"
    assert [row[:5] for row in rows(as_viewer, monitor, query)[1:]] == ["11:45", "11:40"]


def test_a_filter_searches_a_limited_number_of_runs_at_once(
    as_viewer: Client, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot(monitor, 60, Result.FAILURE)
    for minutes in range(30, 0, -5):
        slot(monitor, minutes)
    monkeypatch.setattr("monitors.views.monitor_runs.MAX_SEARCHED", 6)
    address, searches = f"{monitor.get_absolute_url()}?result=failure", 0
    while CAUSE not in (page := as_viewer.get(address).content.decode()):
        (older,) = re.findall(r'id="older-runs" href="(\?[^"]*)"', page)
        address = f"{monitor.get_absolute_url()}{older.replace('&amp;', '&')}"
        searches += 1
    assert searches == 2


def test_the_runs_of_many_regions_have_one_column(
    as_viewer: Client, workspace: Workspace, settings: Settings
) -> None:
    settings.REGIONS = regions = ["a", "b", "c", "d", "e"]
    monitor = make_monitor(workspace, regions=regions)
    now = timezone.now().replace(microsecond=0)
    for region in regions:
        result = Result.FAILURE if region == "c" else Result.SUCCESSFUL
        make_run(monitor, result, region=region, scheduled_at=now, summary=CAUSE)
    (_, row) = rows(as_viewer, monitor)
    assert row.endswith("1 of 5 failed")


def test_every_result_has_a_rank() -> None:
    assert set(WORST_FIRST) == set(Result)


def test_a_canceled_run_has_a_row(as_viewer: Client, monitor: Monitor) -> None:
    canceled, passed = monitor.run_now()
    canceled.cancel(by="Ann")
    Run.objects.filter(pk=passed.pk).update(status="finished", result=Result.SUCCESSFUL, finished_at=NOON)
    assert "Canceled by Ann." in rows(as_viewer, monitor)[1]
    assert SlotRow(list(monitor.runs.all())).regions_in_words == "1 of 2 passed"
