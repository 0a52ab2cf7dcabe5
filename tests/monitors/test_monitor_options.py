"""Each option of a monitor, from the form and the API to what a run then does."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from monitors import worker
from monitors.models import HostCertificate, Monitor, Result, Run
from monitors.models.runs import RunType
from tests.conftest import client_of
from tests.factories import make_collection, make_monitor
from tests.monitors.runner.http.certificates import make_certificate, server_context
from tests.monitors.runner.http.server import RawServer
from tests.monitors.runner.target import Target
from workspaces.models import Role, Workspace

CHANGED = {
    "request_timeout_ms": 300,
    "delay_request_ms": 200,
    "follow_redirects": False,
    "verify_tls": False,
    "retries": 2,
    "retry_unsafe": True,
    "keep_exchanges": False,
}
STATUS_IS_200 = "pm.test('Status is 200', () => pm.response.to.have.status(200))"


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


def options_of(monitor: Monitor) -> dict[str, Any]:
    monitor.refresh_from_db()
    return {name: getattr(monitor, name) for name in CHANGED}


def test_the_form_sets_each(as_editor: Client, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    typed = {name: value for name, value in CHANGED.items() if value is not False}  # as browsers send boxes
    fields = {"name": "Checkout", "collection": monitor.collection_id, "schedule": "0 * * * *"}
    page = as_editor.post(f"{monitor.get_absolute_url()}edit/", fields | typed | {"timezone": "UTC"})
    assert page.status_code == 302
    assert options_of(monitor) == CHANGED


def test_the_api_sets_and_shows_each(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    api = client_of(workspace, Role.EDITOR)
    answer = api.patch(f"/api/v1/monitors/{monitor.pk}/", {"options": CHANGED})
    assert answer.json()["options"] == CHANGED
    assert options_of(monitor) == CHANGED


def run(workspace: Workspace, *requests: dict[str, Any], **options: Any) -> Run:
    """What comes of one run of a monitor with these options."""
    content = {"info": {"name": "Shop"}, "item": [{"name": "Order", **request} for request in requests]}
    monitor = make_monitor(workspace, collection=make_collection(workspace, content=content), **options)
    queued = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(queued.pk)
    queued.refresh_from_db()
    return queued


def get(url: str, test: str = "", method: str = "GET") -> dict[str, Any]:
    event = {"listen": "test", "script": {"exec": test}}
    return {"request": {"method": method, "url": url}, "event": [event]}


def codes(run: Run) -> list[tuple[int | None, str]]:
    return [(result.status_code, result.error_code) for result in run.detail.requests]


def test_a_request_is_given_up_after_its_timeout(workspace: Workspace, target: Target) -> None:
    slow = get(f"{target.url}/delay/2000")
    assert codes(run(workspace, slow, request_timeout_ms=200)) == [(None, "ESOCKETTIMEDOUT")]


def test_the_delay_is_kept_before_each_request(workspace: Workspace, target: Target) -> None:
    done = run(workspace, get(target.url), get(target.url), delay_request_ms=150)
    assert (done.duration_ms or 0) >= 300


@pytest.mark.parametrize(("follow", "code"), [(True, 200), (False, 302)])
def test_redirects_are_followed_or_not(workspace: Workspace, target: Target, follow: bool, code: int) -> None:
    moved = get(f"{target.url}/redirect/1")
    assert codes(run(workspace, moved, follow_redirects=follow)) == [(code, "")]


@pytest.mark.parametrize(
    ("verify", "outcome"), [(True, (None, "DEPTH_ZERO_SELF_SIGNED_CERT")), (False, (200, ""))]
)
def test_certificates_are_verified_or_not(workspace: Workspace, verify: bool, outcome: Any) -> None:
    with RawServer(context=server_context(make_certificate("127.0.0.1"))) as server:
        assert codes(run(workspace, get(server.url), verify_tls=verify)) == [outcome]


def test_a_failing_request_is_tried_again_and_the_first_failure_stays(
    workspace: Workspace, target: Target
) -> None:
    done = run(workspace, get(f"{target.url}/flaky/1", STATUS_IS_200), retries=2)
    assert done.result == Result.SUCCESSFUL
    assert codes(done) == [(503, ""), (200, "")]


@pytest.mark.parametrize(("allowed", "attempts"), [(False, 1), (True, 3)])
def test_what_changes_data_is_tried_again_only_when_told_so(
    workspace: Workspace, target: Target, allowed: bool, attempts: int
) -> None:
    order = get(f"{target.url}/status/503", STATUS_IS_200, method="POST")
    done = run(workspace, order, retries=2, retry_unsafe=allowed)
    assert done.result == Result.FAILURE
    assert codes(done) == [(503, "")] * attempts


def test_a_hosts_certificates_of_the_workspace_are_used(workspace: Workspace) -> None:
    ours = make_certificate("Our CA", ca=True)
    client = make_certificate("client", ours)
    with RawServer(context=server_context(make_certificate("127.0.0.1", ours), client_ca=ours)) as server:
        refused = run(workspace, get(server.url))
        HostCertificate.objects.create(
            workspace=workspace,
            host="127.0.0.1",
            certificate=client.pem,
            key=client.key_pem("pass"),
            passphrase="pass",
            authority=ours.pem,
        )
        taken = run(workspace, get(server.url))
    assert codes(refused) == [(None, "SELF_SIGNED_CERT_IN_CHAIN")]
    assert codes(taken) == [(200, "")]


def test_all_monitors_go_through_the_installations_proxy(workspace: Workspace, settings: Settings) -> None:
    with RawServer() as proxy:
        settings.PROXY_URL = proxy.url
        assert codes(run(workspace, get("http://api.example/orders"))) == [(200, "")]
        assert proxy.last.line.startswith("GET http://api.example")
