"""Each finished run is counted in its hour and its day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from monitors import rollups, run_documents
from monitors.figures.tallies import read_requests, read_slots
from monitors.models import Monitor, RequestName, Result, RollUp, Run
from monitors.models.rollups import Period
from monitors.request_results import RunDocument
from monitors.results import store_report, store_system_error
from monitors.rollups import CountedRequest
from monitors.runner.report import Execution, RequestLine, ResponseSummary, RunReport, SentRequest
from tests.factories import make_monitor, make_run, make_running_run
from workspaces.models import Workspace

NOON = datetime(2030, 1, 7, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace, regions=["eu", "us"])


def run_at(monitor: Monitor, time: datetime, result: str = Result.SUCCESSFUL, **fields: Any) -> Run:
    return make_run(monitor, result, started_at=time - timedelta(seconds=1), finished_at=time, **fields)


def rows(monitor: Monitor, period: Period) -> dict[tuple[str, datetime], int]:
    """The number of runs in each roll-up."""
    found = RollUp.objects.filter(monitor=monitor, period=period)
    return {(row.region, row.start): row.figures.runs for row in found}


def test_runs_of_an_hour_share_a_row_by_region(monitor: Monitor) -> None:
    for minute in (0, 10, 59):
        run_at(monitor, NOON + minute * MINUTE)
    run_at(monitor, NOON, Result.FAILURE, region="us")
    assert rows(monitor, Period.HOUR) == {("eu", NOON): 3, ("us", NOON): 1}
    assert rows(monitor, Period.DAY) == {}


def test_a_row_tells_results_times_runs_and_parts(monitor: Monitor) -> None:
    first = run_at(monitor, NOON + 2 * MINUTE, response_time_ms=100)
    run_at(monitor, NOON + 25 * MINUTE, response_time_ms=200)
    last = run_at(monitor, NOON + 29 * MINUTE, Result.ERROR, response_time_ms=9000)
    row = RollUp.objects.get()
    assert (row.successful, row.error, row.response_time_sum) == (2, 1, 300)
    assert (row.first_run_id, row.last_run_id) == (first.pk, last.pk)
    assert {slot: figures.runs for slot, figures in read_slots(row.slots).items()} == {0: 1, 2: 2}


def test_the_day_gets_each_hour_when_the_next_one_begins(monitor: Monitor) -> None:
    midnight = NOON.replace(hour=0)
    run_at(monitor, NOON)
    run_at(monitor, NOON + HOUR)
    assert rows(monitor, Period.DAY) == {("eu", midnight): 1}
    run_at(monitor, NOON + 30 * HOUR)
    assert rows(monitor, Period.DAY) == {("eu", midnight): 2}
    day = RollUp.objects.get(period=Period.DAY)
    assert {slot: figures.runs for slot, figures in read_slots(day.slots).items()} == {12: 1, 13: 1}
    assert [row.start for row in RollUp.objects.filter(is_open=True)] == [NOON + 30 * HOUR]


def test_a_run_that_ends_late_is_added_to_its_hour_and_its_day(monitor: Monitor) -> None:
    run_at(monitor, NOON)
    run_at(monitor, NOON + HOUR)
    run_at(monitor, NOON + 59 * MINUTE, Result.ABORT)
    run_at(monitor, NOON - 20 * HOUR)
    assert rows(monitor, Period.HOUR)["eu", NOON] == 2
    assert rows(monitor, Period.DAY) == {
        ("eu", NOON.replace(hour=0)): 2,
        ("eu", NOON.replace(day=6, hour=0)): 1,
    }


def test_a_clock_that_is_set_back_and_forth_counts_each_run_once(monitor: Monitor) -> None:
    for hours in (0, 1, -3, -2, 0, 5, 4):
        run_at(monitor, NOON + hours * HOUR)
    closed = rows(monitor, Period.DAY)["eu", NOON.replace(hour=0)]
    opened = sum(row.figures.runs for row in RollUp.objects.filter(is_open=True))
    assert (closed, opened) == (6, 1)
    assert sum(rows(monitor, Period.HOUR).values()) == 7


def test_requests_are_counted_by_folder_and_name(monitor: Monitor) -> None:
    run = run_at(monitor, NOON)
    requests = [
        CountedRequest("Orders", "List", True, 80),
        CountedRequest("Orders", "List", False, 900),
        CountedRequest("", "Sign in", True, None),
    ]
    rollups.count_run(run, requests)
    figures = read_requests(RollUp.objects.get().requests)
    names = RequestName.objects.of(monitor, figures.keys())
    told = {
        (names[key].folder, names[key].name): (one.sent, one.failed, one.histogram.percentile(50))
        for key, one in figures.items()
    }
    assert told == {("Orders", "List"): (2, 1, 79), ("", "Sign in"): (1, 0, None)}


def test_to_count_a_run_takes_two_statements(
    monitor: Monitor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    requests = [CountedRequest("", f"Request {number}", True, 80) for number in range(5)]
    run = run_at(monitor, NOON)
    rollups.count_run(run, requests)
    with django_assert_num_queries(2):
        rollups.count_run(run, requests)


def report_of(*times: int | None) -> RunReport:
    """A report with one request for each response time; None got no response."""
    return RunReport(
        collection_name="Orders",
        executions=[
            Execution(
                f"id-{number}",
                f"Request {number}",
                sent=[
                    SentRequest(
                        RequestLine("GET", "https://api.example/"),
                        ResponseSummary(200, "OK", time, 10) if time is not None else None,
                    )
                ],
            )
            for number, time in enumerate(times)
        ],
        duration_ms=900,
    )


def claimed(monitor: Monitor) -> Run:
    run = make_running_run(monitor)
    Run.objects.filter(pk=run.pk).update(status="queued")
    assert run.claim(NOON)
    return run


def test_the_response_time_of_a_run_is_the_mean_of_its_responses(monitor: Monitor) -> None:
    run = claimed(monitor)
    store_report(run, report_of(100, 200, None, 600))
    run.refresh_from_db()
    assert run.response_time_ms == 300
    assert run.duration_ms == 900


def test_the_detail_is_compressed_before_the_monitor_is_locked(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = run_documents.encode
    open_savepoints = []

    def note(document: RunDocument) -> bytes:
        open_savepoints.append(len(connection.savepoint_ids))
        return encode(document)

    monkeypatch.setattr(run_documents, "encode", note)
    store_report(claimed(monitor), report_of(100))
    assert open_savepoints == [0]


def test_a_stored_run_is_counted_with_its_requests(monitor: Monitor) -> None:
    store_report(claimed(monitor), report_of(100, 200))
    row = RollUp.objects.get()
    assert (row.start, row.successful, row.response_time_sum) == (NOON, 1, 150)
    assert len(read_requests(row.requests)) == 2
    assert [name.name for name in RequestName.objects.all()] == ["Request 0", "Request 1"]


def test_a_run_without_a_response_has_no_response_time_to_count(monitor: Monitor) -> None:
    store_report(claimed(monitor), report_of())
    assert RollUp.objects.get().figures.histogram.total == 0


def test_a_system_error_is_counted_too(monitor: Monitor) -> None:
    store_system_error(claimed(monitor))
    assert RollUp.objects.get().system_error == 1
