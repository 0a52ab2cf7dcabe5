"""A queued run is executed against a real server, in the real sandbox, and stored."""

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from monitors import worker
from monitors.models import Monitor, Result, Run, VaultSecret
from monitors.models.runs import RunStatus, RunType
from monitors.request_results import TestResult
from monitors.signals import run_failed, run_passed
from tests.factories import make_collection, make_environment, make_monitor
from tests.monitors.runner.http.token_server import TokenServer
from tests.monitors.runner.target import Target
from workspaces.models import Workspace


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


@pytest.fixture
def signals() -> Iterator[list[tuple[str, Run]]]:
    """Name and run of each signal sent."""
    sent: list[tuple[str, Run]] = []

    def note_failed(run: Run, **kwargs: Any) -> None:
        sent.append(("failed", run))

    def note_passed(run: Run, **kwargs: Any) -> None:
        sent.append(("passed", run))

    run_failed.connect(note_failed)
    run_passed.connect(note_passed)
    yield sent
    run_failed.disconnect(note_failed)
    run_passed.disconnect(note_passed)


def collection_of(*requests: dict[str, Any]) -> dict[str, Any]:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return {"info": {"name": "Orders", "schema": schema}, "item": list(requests)}


def request(url: str, *test_lines: str) -> dict[str, Any]:
    event = {"listen": "test", "script": {"exec": list(test_lines)}}
    return {"name": "List orders", "request": {"method": "GET", "url": url}, "event": [event]}


def executed(workspace: Workspace, content: dict[str, Any], **fields: Any) -> Run:
    monitor = make_monitor(workspace, collection=make_collection(workspace, content=content), **fields)
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_good_run_is_successful(
    workspace: Workspace, target: Target, signals: list[tuple[str, Run]]
) -> None:
    test = "pm.test('Status is 200', () => pm.response.to.have.status(200))"
    run = executed(workspace, collection_of(request(f"{target.url}/orders", test)))
    assert (run.status, run.result, run.summary) == (RunStatus.FINISHED, Result.SUCCESSFUL, "")
    assert (run.request_count, run.passed_tests, run.failed_tests, run.error_count) == (1, 1, 0, 0)
    assert signals == [("passed", run)]


def test_no_lease_is_renewed_once_the_run_is_over(workspace: Workspace, target: Target) -> None:
    executed(workspace, collection_of(request(f"{target.url}/orders")))
    for thread in threading.enumerate():
        if thread.name == "leases":
            thread.join(2)
            assert not thread.is_alive()


def test_each_request_is_kept_with_its_tests(workspace: Workspace, target: Target) -> None:
    test = "pm.test('Status is 200', () => pm.response.to.have.status(200))"
    result = executed(workspace, collection_of(request(f"{target.url}/orders", test))).detail.requests[0]
    assert (result.name, result.method, result.status_code) == ("List orders", "GET", 200)
    assert result.url == f"{target.url}/orders"
    assert result.assertions == [TestResult("Status is 200")]


def test_a_failed_test_is_a_failure_and_says_which(
    workspace: Workspace, target: Target, signals: list[tuple[str, Run]]
) -> None:
    test = "pm.test('Status is 200', () => pm.response.to.have.status(200))"
    run = executed(workspace, collection_of(request(f"{target.url}/status/500", test)))
    assert run.result == Result.FAILURE
    assert run.summary.startswith("List orders: Status is 200: expected response to have status code 200")
    assert signals == [("failed", run)]
    assert run.monitor.failing_since == run.finished_at


def test_a_request_without_an_answer_is_an_error(workspace: Workspace) -> None:
    run = executed(workspace, collection_of(request("http://127.0.0.1:1/orders")))
    result = run.detail.requests[0]
    assert (run.result, run.error_count, result.error_code) == (Result.ERROR, 1, "ECONNREFUSED")


def test_the_sentence_names_the_error_that_made_the_result(workspace: Workspace, target: Target) -> None:
    failing = request(target.url, "pm.test('never', () => pm.expect(1).to.equal(2))")
    run = executed(workspace, collection_of(failing, request("http://127.0.0.1:1/") | {"name": "Pay"}))
    assert (run.result, run.failed_tests) == (Result.ERROR, 1)
    assert run.summary.startswith("Pay: connect ECONNREFUSED")


def test_it_takes_as_long_as_it_took(
    workspace: Workspace, target: Target, signals: list[tuple[str, Run]]
) -> None:
    before = timezone.now()
    run = executed(workspace, collection_of(request(f"{target.url}/delay/300")))
    assert run.finished_at is not None
    assert before < run.finished_at <= timezone.now()
    assert 300 <= (run.duration_ms or 0) < (timezone.now() - before).total_seconds() * 1000
    assert signals[0][1].duration_ms == run.duration_ms


def test_the_environment_fills_in_variables(workspace: Workspace, target: Target) -> None:
    environment = make_environment(workspace, host=target.url)
    run = executed(workspace, collection_of(request("{{host}}/orders")), environment=environment)
    assert run.detail.requests[0].url == f"{target.url}/orders"


def test_a_variable_that_is_switched_off_is_not_used(workspace: Workspace, target: Target) -> None:
    environment = make_environment(workspace, word="off")
    environment.variables.update(is_enabled=False)
    executed(workspace, collection_of(request(f"{target.url}/{{{{word}}}}")), environment=environment)
    assert target.paths[-1] == "/%7B%7Bword%7D%7D"


def test_secret_values_are_masked_wherever_a_run_prints_them(workspace: Workspace, target: Target) -> None:
    environment = make_environment(workspace, token="hunter2-hunter2")
    environment.variables.update(is_secret=True)
    tell = "console.log(pm.environment.get('token')); throw new Error(pm.environment.get('token'))"
    run = executed(
        workspace, collection_of(request(f"{target.url}/?token={{{{token}}}}", tell)), environment=environment
    )
    result = run.detail.requests[0]
    shown = [result.url, run.summary, str(result.script_errors), str(run.detail.console)]
    assert not any("hunter2" in text for text in shown)
    assert target.paths[-1] == "/?token=hunter2-hunter2"


def test_the_console_is_kept_in_order(workspace: Workspace, target: Target) -> None:
    run = executed(workspace, collection_of(request(target.url, "console.log('one')", "console.warn('two')")))
    lines = [(line.level, line.text) for line in run.detail.console if line.level in ("log", "warn")]
    assert lines == [("log", "one"), ("warn", "two")]


def test_text_that_no_database_can_hold_is_stored_all_the_same(workspace: Workspace, target: Target) -> None:
    run = executed(workspace, collection_of(request(target.url, r"pm.test('\0 \ud800', () => {})")))
    assert run.detail.requests[0].assertions[0].name == "\N{REPLACEMENT CHARACTER} ?"


def test_a_result_and_its_events_are_stored_together_or_not_at_all(
    workspace: Workspace, target: Target
) -> None:
    def refuse(**kwargs: Any) -> None:
        raise RuntimeError("the receiver broke")

    run_passed.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            executed(workspace, collection_of(request(target.url)))
    finally:
        run_passed.disconnect(refuse)
    run = Run.objects.get()
    assert (run.status, len(run.detail.requests)) == (RunStatus.RUNNING, 0)


def test_our_own_trouble_is_a_system_error_and_tells_nobody(
    workspace: Workspace, signals: list[tuple[str, Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "egress", lambda: 1 / 0)
    run = executed(workspace, collection_of(request("http://127.0.0.1:1")))
    assert run.result == Result.SYSTEM_ERROR
    assert signals == []
    assert Monitor.objects.get().failing_since is None


def test_a_run_deleted_while_it_was_executed_leaves_nothing(
    workspace: Workspace, target: Target, signals: list[tuple[str, Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_and_delete(run: Run, stop: threading.Event) -> Any:
        report = run_monitor(run, stop)
        Monitor.objects.all().delete()
        return report

    run_monitor = worker.run_monitor
    monkeypatch.setattr(worker, "run_monitor", run_and_delete)
    monitor = make_monitor(
        workspace, collection=make_collection(workspace, content=collection_of(request(target.url)))
    )
    worker.execute(Run.queue(monitor, "default", RunType.MANUAL).pk)
    assert not Run.objects.exists()
    assert signals == []


def uploading(url: str, source: str) -> dict[str, Any]:
    body = {"mode": "file", "file": {"src": source}}
    return {"name": "Upload", "request": {"method": "POST", "url": url, "body": body}}


def test_a_request_uploads_a_file_of_its_workspace_and_no_other(
    workspace: Workspace, other_workspace: Workspace, target: Target, settings: Settings, tmp_path: Path
) -> None:
    settings.FILES_DIR = str(tmp_path)
    for owner, content in ((workspace, "mine"), (other_workspace, "theirs")):
        (tmp_path / owner.slug).mkdir()
        (tmp_path / owner.slug / "order.txt").write_text(content)
    sources = ["order.txt", f"../{other_workspace.slug}/order.txt"]
    run = executed(workspace, collection_of(*(uploading(f"{target.url}/orders", one) for one in sources)))
    assert [seen.body for seen in target.seen[-2:]] == [b"mine", b""]
    assert any("lies outside the directory for files" in line.text for line in run.detail.console)


def test_a_token_is_fetched_with_the_secrets_of_the_workspace(workspace: Workspace, target: Target) -> None:
    VaultSecret.objects.create(workspace=workspace, key="login", value="s3cret-of-the-vault")
    with TokenServer() as server:
        auth = {
            "type": "oauth2",
            "oauth2": {
                "grant_type": "client_credentials",
                "accessTokenUrl": f"{server.url}/token",
                "clientId": "me",
                "clientSecret": "{{vault:login}}",
                "addTokenTo": "queryParams",
            },
        }
        content = collection_of(request(f"{target.url}/orders"), request(f"{target.url}/orders"))
        run = executed(workspace, content | {"auth": auth})
        credentials = base64.b64encode(b"me:s3cret-of-the-vault").decode()
        assert [seen.field("Authorization") for seen in server.seen] == [f"Basic {credentials}"]
    assert target.paths[-2:] == ["/orders?access_token=token-1"] * 2
    assert (run.result, run.request_count) == (Result.SUCCESSFUL, 3)
    assert [result.url for result in run.detail.requests] == [f"{target.url}/orders"] * 2


def test_a_script_runs_another_request_of_the_collection(workspace: Workspace, target: Target) -> None:
    script = "await pm.execution.runRequest('Log in'); pm.execution.setNextRequest(null)"
    inner = request(f"{target.url}/login", "pm.test('Logged in', () => pm.response.to.have.status(201))")
    run = executed(
        workspace, collection_of(request(f"{target.url}/orders", script), inner | {"name": "Log in"})
    )
    assert target.paths[-2:] == ["/orders", "/login"]
    assert (run.result, run.request_count, run.failed_tests) == (Result.FAILURE, 2, 1)
    assert run.summary.startswith("List orders: Logged in: expected response to have status code 201")
    [own, unsent] = run.detail.requests
    assert [sent.name for sent in own.script_requests] == ["Log in"]
    assert (own.name, unsent.name, unsent.is_sent) == ("List orders", "Log in", False)
