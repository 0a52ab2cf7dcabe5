"""A run in progress shows the requests that have ended, without texts that may hold secrets."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from monitors import progress, worker
from monitors.api.run_events import MAX_STREAMS, RunEvents
from monitors.models import Monitor, Run, RunDetail
from monitors.models.runs import RunType
from monitors.progress import Progress
from monitors.runner.report import Assertion, Execution, RequestLine, ResponseSummary, SentRequest
from tests.conftest import client_of
from tests.factories import make_collection, make_monitor, make_request_result, make_run, make_running_run
from tests.monitors.runner.target import Target
from tests.monitors.test_execution import collection_of, request
from workspaces.api import TooManyRequests
from workspaces.models import Role, Workspace


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


EXECUTION = Execution(
    "id",
    "Create order",
    ("Orders",),
    sent=[
        SentRequest(
            RequestLine("POST", "https://api.example/?token=found-out"), ResponseSummary(500, "No", 40, 9)
        )
    ],
    assertions=[Assertion("has found-out", False, error="found-out is missing")],
)


def claimed(monitor: Monitor) -> Run:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    run.claim(run.queued_at)
    return run


def test_a_run_of_less_than_a_second_writes_nothing(monitor: Monitor) -> None:
    Progress(claimed(monitor), threading.Event())(EXECUTION)
    assert not RunDetail.objects.exists()


def test_what_is_written_holds_no_text_in_which_a_secret_may_be_found_later(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0)
    Progress(claimed(monitor), threading.Event())(EXECUTION)
    document = RunDetail.objects.get().content
    [shown] = document.requests
    assert (shown.name, shown.method, shown.status_code, shown.outcome) == (
        "Create order",
        "POST",
        500,
        "failed",
    )
    assert "found-out" not in str(document)


def test_it_is_written_as_the_run_goes_on_and_replaced_at_its_end(
    workspace: Workspace, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0)
    monkeypatch.setattr(progress, "SHARE", 0)
    written: list[int] = []
    store = RunDetail.store

    def note(detail: RunDetail) -> None:
        written.append(len(detail.requests))
        store(detail)

    monkeypatch.setattr(RunDetail, "store", note)
    content = collection_of(*(request(f"{target.url}/{number}") for number in range(3)))
    monitor = make_monitor(workspace, collection=make_collection(workspace, content=content))
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    assert written == [1, 2, 3, 3]
    assert RunDetail.objects.get().requests[2].url == f"{target.url}/2"


class TestEvents:
    def test_a_run_that_is_over_tells_all_its_requests(self, monitor: Monitor) -> None:
        run = make_run(monitor)
        make_request_result(run, "List orders")
        answer = client_of(monitor.workspace, Role.VIEWER).get(
            f"/api/v1/runs/{run.pk}/events/", HTTP_ACCEPT="text/event-stream"
        )
        assert answer["Content-Type"] == "text/event-stream"
        told = b"".join(answer).decode().strip().split("\n\n")
        assert [block.split("\n")[0] for block in told] == ["event: request", "event: finished"]
        assert json.loads(told[0].split("data: ")[1])["name"] == "List orders"

    def test_at_the_end_all_requests_are_sent_again_in_full(
        self, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = make_running_run(monitor)
        make_request_result(run, "Log in")
        make_request_result(run, "Pay")

        def finish(seconds: float) -> None:
            RunDetail.objects.filter(run=run).delete()
            make_request_result(run, "Log in", url="https://api.example/")
            make_request_result(run, "Look", is_sent=False, counts=False)
            make_request_result(run, "Pay")
            Run.objects.filter(pk=run.pk).update(
                status="finished", result="successful", finished_at=run.queued_at
            )

        monkeypatch.setattr("time.sleep", finish)
        with closing(RunEvents(run)) as stream:
            blocks = [block.decode() for block in stream if block.startswith(b"event: request")]
        told = [json.loads(block.split("data: ")[1]) for block in blocks]
        shown = {each["position"]: each for each in told}
        assert [each["name"] for each in told] == ["Log in", "Pay", "Log in", "Look", "Pay"]
        assert [shown[position]["name"] for position in range(3)] == ["Log in", "Look", "Pay"]
        assert shown[0]["url"] == "https://api.example/"

    def test_the_number_of_streams_is_limited(self, monitor: Monitor, other_workspace: Workspace) -> None:
        run = make_run(monitor)
        others = make_run(make_monitor(other_workspace))
        streams = [RunEvents(run), RunEvents(run)]
        assert len(streams) < MAX_STREAMS
        api = client_of(monitor.workspace, Role.VIEWER)
        assert api.get(f"/api/v1/runs/{run.pk}/events/").status_code == 429
        streams.append(RunEvents(others))  # a slot is left for another workspace
        for _ in range(2):  # as a web server may do, and no slot is free twice by it
            streams[0].close()
        streams[0] = RunEvents(run)
        with pytest.raises(TooManyRequests):
            RunEvents(run)
        for stream in streams:
            stream.close()
