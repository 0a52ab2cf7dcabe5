"""What is kept of requests and responses, and who may read it."""

from collections.abc import Iterator
from typing import Any

import pytest

from monitors import worker
from monitors.exchanges import good_runs
from monitors.models import Exchange, Monitor, Result, Run
from monitors.models.runs import RunType
from tests.conftest import client_of
from tests.factories import make_collection, make_monitor
from tests.monitors.runner.target import Target
from tests.monitors.test_execution import collection_of, request
from workspaces.models import Role, Workspace

FAILING = "pm.test('never', () => pm.expect(1).to.equal(2))"


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


@pytest.fixture(autouse=True)
def forget_good_runs() -> None:
    good_runs._kept_at.clear()


def monitor_of(workspace: Workspace, *requests: dict[str, Any], **fields: Any) -> Monitor:
    return make_monitor(
        workspace, collection=make_collection(workspace, content=collection_of(*requests)), **fields
    )


def executed(monitor: Monitor) -> Run:
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    run.refresh_from_db()
    return run


def change(monitor: Monitor, *requests: dict[str, Any]) -> Monitor:
    monitor.collection.add_version(collection_of(*requests), by=None)
    return Monitor.objects.get(pk=monitor.pk)


def test_of_a_failed_run_the_failed_requests_are_kept(workspace: Workspace, target: Target) -> None:
    run = executed(monitor_of(workspace, request(target.url), request(f"{target.url}/orders", FAILING)))
    kept = Exchange.objects.get()
    assert (kept.run, kept.position, kept.is_good) == (run, 1, False)
    assert kept.content.url == f"{target.url}/orders"
    assert kept.content.response
    assert '"/orders"' in kept.content.response.body.text


def test_nothing_of_it_stands_in_clear_in_the_database(workspace: Workspace, target: Target) -> None:
    executed(monitor_of(workspace, request(f"{target.url}/orders", FAILING)))
    stored = Exchange.objects.values_list("document", flat=True).get()
    assert "orders" not in stored


def test_the_last_good_run_is_kept_and_replaces_the_one_before(
    workspace: Workspace, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor = monitor_of(workspace, request(f"{target.url}/a"), request(f"{target.url}/b"))
    first = executed(monitor)
    assert list(Exchange.objects.values_list("run", "position", "is_good")) == [
        (first.pk, 0, True),
        (first.pk, 1, True),
    ]
    executed(monitor)
    assert set(Exchange.objects.values_list("run", flat=True)) == {first.pk}
    monkeypatch.setattr("monitors.exchanges.KEEP_GOOD_SECONDS", 0)
    third = executed(monitor)
    assert set(Exchange.objects.values_list("run", flat=True)) == {third.pk}


def test_a_failed_run_leaves_the_good_one_to_compare_with(workspace: Workspace, target: Target) -> None:
    monitor = monitor_of(workspace, request(target.url))
    good = executed(monitor)
    bad = executed(change(monitor, request(target.url, FAILING)))
    assert set(Exchange.objects.values_list("run", "is_good")) == {(good.pk, True), (bad.pk, False)}


@pytest.mark.parametrize("switched_off", ["monitor", "workspace"])
def test_it_can_be_switched_off(workspace: Workspace, target: Target, switched_off: str) -> None:
    monitor = monitor_of(workspace, request(target.url, FAILING))
    Workspace.objects.update(keep_exchanges=switched_off != "workspace")
    Monitor.objects.update(keep_exchanges=switched_off != "monitor")
    assert executed(monitor).result == Result.FAILURE
    assert not Exchange.objects.exists()


class TestApi:
    @pytest.fixture
    def run(self, workspace: Workspace, target: Target) -> Run:
        return executed(monitor_of(workspace, request(f"{target.url}/orders", FAILING)))

    def test_editors_read_them(self, workspace: Workspace, run: Run) -> None:
        found = client_of(workspace, Role.EDITOR).get(f"/api/v1/runs/{run.pk}/exchanges/").json()["results"]
        assert [(each["position"], each["method"]) for each in found] == [(0, "GET")]
        assert found[0]["response"]["body"]["media_type"] == "application/json"
        assert {"name": "Connection", "value": "keep-alive"} in found[0]["request"]["headers"]

    def test_viewers_do_not(self, workspace: Workspace, run: Run) -> None:
        assert client_of(workspace, Role.VIEWER).get(f"/api/v1/runs/{run.pk}/exchanges/").status_code == 403

    def test_a_run_is_compared_with_the_last_good_one(self, workspace: Workspace, target: Target) -> None:
        monitor = monitor_of(workspace, request(f"{target.url}/orders"))
        good = executed(monitor)
        bad = executed(change(monitor, request(f"{target.url}/status/500/orders", FAILING)))
        url = f"/api/v1/runs/{bad.pk}/comparison/"
        compared = client_of(workspace, Role.EDITOR).get(url).json()
        assert compared["other"]["id"] == good.pk
        [request_of_both] = compared["requests"]
        assert request_of_both["request"]["status_code"] == 500
        assert request_of_both["other"]["status_code"] == 200
        marks = {line["mark"] for line in request_of_both["response_body"]}
        assert {"add", "del"} <= marks
        seen_by_viewers = client_of(workspace, Role.VIEWER).get(url).json()["requests"][0]
        assert (seen_by_viewers["response_body"], seen_by_viewers["response_headers"]) == ([], [])

    def test_a_run_that_does_not_exist_is_nothing_to_compare_with(
        self, workspace: Workspace, run: Run
    ) -> None:
        api = client_of(workspace, Role.VIEWER)
        for wanted in ("good", "99", str(run.number), "x"):
            answer = api.get(f"/api/v1/runs/{run.pk}/comparison/", {"with": wanted})
            assert answer.status_code == 404, wanted
