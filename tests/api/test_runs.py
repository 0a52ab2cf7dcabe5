import uuid

from rest_framework.test import APIClient

from monitors.models import Result
from tests.factories import make_console, make_monitor, make_request_result, make_run, make_running_run
from workspaces.models import Workspace


def test_runs_are_listed_newest_first(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    runs = [make_run(monitor, minutes_ago=minutes) for minutes in (3, 2, 1)]
    make_run(make_monitor(workspace, "Another"))
    results = api.get("/api/v1/runs/", {"monitor": str(monitor.pk)}).json()["results"]
    assert [run["id"] for run in results] == [run.pk for run in reversed(runs)]
    assert results[0]["result"] == "successful"
    assert results[0]["duration_ms"] == 1000


def test_a_page_leads_to_the_next(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    runs = [make_run(monitor) for _ in range(3)]
    page = api.get("/api/v1/runs/", {"page_size": 2}).json()
    assert len(page["results"]) == 2
    assert [run["id"] for run in api.get(page["next"]).json()["results"]] == [runs[0].pk]


def test_runs_are_filtered_by_result(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    make_run(monitor)
    failed, aborted = make_run(monitor, Result.FAILURE), make_run(monitor, Result.ABORT)
    found = api.get("/api/v1/runs/?result=failure&result=abort").json()["results"]
    assert [run["id"] for run in found] == [aborted.pk, failed.pk]


def test_a_filter_that_means_nothing_is_an_error(api: APIClient) -> None:
    assert api.get("/api/v1/runs/", {"monitor": "abc"}).status_code == 400
    assert api.get("/api/v1/runs/", {"result": "lost"}).status_code == 400


def test_an_unknown_monitor_has_no_runs(api: APIClient) -> None:
    assert api.get("/api/v1/runs/", {"monitor": str(uuid.uuid4())}).json()["results"] == []


def test_one_run_comes_with_its_requests_and_its_console(api: APIClient, workspace: Workspace) -> None:
    run = make_run(make_monitor(workspace), Result.FAILURE, failed_tests=1)
    make_request_result(
        run, assertions=[{"name": "Status is 200", "passed": False, "skipped": False, "error": "was 500"}]
    )
    make_console(run, ("warn", "careful"))
    detail = api.get(f"/api/v1/runs/{run.pk}/").json()
    assert (detail["result"], detail["failed_tests"], detail["collection_version"]) == ("failure", 1, 1)
    assert detail["requests"][0]["assertions"][0]["error"] == "was 500"
    assert detail["console"][0]["text"] == "careful"


def test_a_run_in_progress_has_no_result_yet(api: APIClient, workspace: Workspace) -> None:
    run = make_running_run(make_monitor(workspace))
    detail = api.get(f"/api/v1/runs/{run.pk}/").json()
    assert (detail["status"], detail["result"], detail["console"]) == ("running", None, [])


def test_an_impossible_id_is_not_found(api: APIClient) -> None:
    for run_id in (10**30, "abc", -1):
        assert api.get(f"/api/v1/runs/{run_id}/").status_code == 404
