from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitors.models import Monitor, Result
from monitors.models.runs import RunStatus
from tests.factories import make_console, make_monitor, make_request_result, make_run, make_running_run
from workspaces.models import Workspace


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


def test_a_failed_request_is_open_with_what_went_wrong(as_viewer: Client, monitor: Monitor) -> None:
    run = make_run(monitor, Result.FAILURE, summary="Create order: got 500")
    failed = {"name": "Status is 201", "passed": False, "skipped": False, "error": "expected 201 but got 500"}
    make_request_result(run, "List orders")
    make_request_result(run, "Create order", folder="Orders / New", status_code=500, assertions=[failed])
    page = as_viewer.get(run.get_absolute_url()).content.decode()
    assert '<details class="request" id="request-0">' in page
    assert '<details class="request" open id="request-1">' in page
    for text in ("Orders / New", "Status is 201", "expected 201 but got 500"):
        assert text in page


def test_a_request_without_an_answer_tells_why(as_viewer: Client, monitor: Monitor) -> None:
    run = make_run(monitor, Result.ERROR)
    nothing: dict[str, Any] = {
        "status_code": None,
        "response_time_ms": None,
        "response_size": None,
        "assertions": [],
    }
    make_request_result(
        run, error_message="The connection was refused.", error_code="ECONNREFUSED", **nothing
    )
    page = as_viewer.get(run.get_absolute_url()).content.decode()
    assert "The connection was refused." in page
    assert "ECONNREFUSED" in page


def test_a_script_error_names_the_script_and_its_line(as_viewer: Client, monitor: Monitor) -> None:
    run = make_run(monitor, Result.ERROR)
    error = {"listen": "prerequest", "name": "TypeError", "message": "x is undefined", "line": 7}
    make_request_result(run, script_errors=[error])
    page = as_viewer.get(run.get_absolute_url()).content.decode()
    assert "Pre-request script, line 7:" in page
    assert "TypeError: x is undefined" in page


def test_a_repeated_attempt_stays_in_the_record(as_viewer: Client, monitor: Monitor) -> None:
    run = make_run(monitor)
    make_request_result(run, error_message="Timed out", counts=False)
    make_request_result(run, attempt=2)
    page = as_viewer.get(run.get_absolute_url()).content.decode()
    assert "attempt 1, repeated" in page
    assert "attempt 2" in page


def test_the_console_is_in_order_with_a_filter_for_each_level_that_it_has(
    as_viewer: Client, monitor: Monitor
) -> None:
    run = make_run(monitor)
    make_console(run, ("log", "first line"), ("warn", "second line"))
    page = as_viewer.get(run.get_absolute_url()).content.decode()
    assert page.index("first line") < page.index("second line")
    assert 'data-level="warn"' in page
    assert 'data-level="error"' not in page


def test_a_running_run_keeps_its_page_up_to_date_until_it_is_over(
    as_viewer: Client, monitor: Monitor
) -> None:
    run = make_running_run(monitor)
    assert 'hx-trigger="every 2s"' in as_viewer.get(run.get_absolute_url()).content.decode()
    run.finish(status=RunStatus.FINISHED, result=Result.SUCCESSFUL, finished_at=run.started_at)
    assert 'hx-trigger="every 2s"' not in as_viewer.get(run.get_absolute_url()).content.decode()


def test_our_own_trouble_is_called_that(as_viewer: Client, monitor: Monitor) -> None:
    run = make_run(monitor, Result.SYSTEM_ERROR, summary="The worker that ran it stopped.")
    assert "This is a system error of Postwatch" in as_viewer.get(run.get_absolute_url()).content.decode()


def test_it_leads_to_the_runs_before_and_after(as_viewer: Client, monitor: Monitor) -> None:
    older, run, newer = (make_run(monitor) for _ in range(3))
    page = as_viewer.get(run.get_absolute_url()).content.decode()
    assert f'href="{older.get_absolute_url()}" rel="prev"' in page
    assert f'href="{newer.get_absolute_url()}" rel="next"' in page


def test_the_number_of_queries_does_not_grow_with_the_requests(
    as_viewer: Client, monitor: Monitor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run = make_run(monitor)
    for _ in range(30):
        make_request_result(run)
    with django_assert_max_num_queries(11):
        as_viewer.get(run.get_absolute_url())


def test_outsiders_find_nothing(as_outsider: Client, monitor: Monitor) -> None:
    url = make_run(monitor).get_absolute_url()
    assert as_outsider.get(url).status_code == 404
    assert as_outsider.get(url.replace("/acme/", "/elsewhere/")).status_code == 404


def test_a_number_that_no_run_has_is_not_found(as_viewer: Client) -> None:
    assert as_viewer.get(f"/w/acme/runs/{10**30}/").status_code == 404
