"""Runs as files for other tools."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from monitors.models import Result, Run
from tests.factories import make_monitor, make_request_result, make_run
from workspaces.models import Workspace


@pytest.fixture
def run(workspace: Workspace) -> Run:
    run = make_run(make_monitor(workspace), Result.ERROR, failed_tests=1, error_count=1, passed_tests=1)
    tests = [
        {"name": "Status is 201", "passed": False, "error": "was \x01 500"},
        {"name": "is JSON", "passed": True},
        {"name": "later", "passed": True, "skipped": True},
    ]
    make_request_result(run, "Create order", folder="Orders", assertions=tests, elapsed_ms=120)
    nothing: dict[str, Any] = {
        "status_code": None,
        "response_time_ms": None,
        "response_size": None,
        "assertions": [],
    }
    make_request_result(run, "Pay", error_message="aborted", error_code="ECONNRESET", **nothing)
    make_request_result(run, "Ship", is_sent=False, counts=False, **nothing)
    return run


def test_junit(as_viewer: Client, run: Run) -> None:
    answer = as_viewer.get(f"{run.get_absolute_url()}download/junit.xml")
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.number}.junit.xml"'
    root = ElementTree.fromstring(answer.content)
    created, paid, shipped = root
    assert created.get("name") == "Orders / Create order"
    assert (created.get("tests"), created.get("failures")) == ("3", "1")
    failure = created[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "was \N{REPLACEMENT CHARACTER} 500"
    error = paid[0].find("error")
    assert error is not None
    assert error.get("message") == "aborted"
    assert shipped[0].find("skipped") is not None


def test_newman(as_viewer: Client, run: Run) -> None:
    report = json.loads(as_viewer.get(f"{run.get_absolute_url()}download/newman.json").content)["run"]
    assert report["stats"]["assertions"] == {"total": 2, "pending": 0, "failed": 1}
    assert [failure["source"]["name"] for failure in report["failures"]] == ["Create order", "Pay"]
    executions = [(one["item"]["name"], one.get("response", {}).get("code")) for one in report["executions"]]
    assert executions == [("Create order", 200), ("Pay", None)]


def test_json_is_that_of_the_api(as_viewer: Client, run: Run) -> None:
    report = json.loads(as_viewer.get(f"{run.get_absolute_url()}download/json").content)
    assert report["number"] == run.number
    assert [request["is_sent"] for request in report["requests"]] == [True, True, False]


def test_other_forms_do_not_exist(as_viewer: Client, run: Run) -> None:
    assert as_viewer.get(f"{run.get_absolute_url()}download/har").status_code == 404
