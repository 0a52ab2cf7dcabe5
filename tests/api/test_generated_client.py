"""A client that is generated from the OpenAPI document does everything that the API offers."""

import importlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from monitors.models import Run
from tests.addresses import Things, fill
from tests.factories import CONTENT, make_request_result
from tests.integrations.factories import OTHER_KEY
from tests.monitors.certificates import make_certificate
from workspaces.models import ApiKey, Role, Workspace

pytestmark = pytest.mark.django_db(transaction=True)

PACKAGE = "postwatch_client"
WINDOW = {
    "name": "Upgrade",
    "scope": "workspace",
    "starts_at": "2130-07-01T22:00:00Z",
    "ends_at": "2130-07-01T23:00:00Z",
}
INTEGRATION = {
    "name": "On call",
    "monitor": None,
    "provider": "pagerduty",
    "config": {"integration_key": OTHER_KEY},
}
RENAMED = {"name": "Renamed"}


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated package, importable under PACKAGE."""
    folder = tmp_path_factory.mktemp("client")
    document = folder / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(document))
    # It formats what it made with ruff, which lies beside Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = [str(Path(sys.executable).with_name("openapi-python-client")), "generate"]
    options = [
        "--path",
        str(document),
        "--output-path",
        str(folder / PACKAGE),
        "--meta",
        "none",
        "--fail-on-warning",
    ]
    made = subprocess.run(
        [*program, *options],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PATH": path},
        timeout=120,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))


class GeneratedClient:
    """Calls operations by their ids, with bodies of the generated classes, and checks what it read."""

    def __init__(self, package: str, url: str, key: str) -> None:
        self.package, self.url = package, url
        client_class = importlib.import_module(package).AuthenticatedClient
        self.client = client_class(base_url=url, token=key, prefix="", auth_header_name="X-Api-Key")
        self.folder = Path(str(importlib.import_module(f"{package}.api").__file__)).parent
        self.called: set[str] = set()

    def operations(self) -> set[str]:
        return {path.stem for path in self.folder.glob("*/*.py") if path.stem != "__init__"}

    def call(
        self, operation: str, status: int, body: Any = None, is_json: bool = True, **parameters: Any
    ) -> Any:
        (path,) = self.folder.glob(f"*/{operation}.py")
        module = importlib.import_module(f"{self.package}.api.{path.parent.name}.{operation}")
        if body is not None:
            annotation = inspect.signature(module.sync_detailed).parameters["body"].annotation
            class_of_body = next(
                one for one in getattr(annotation, "__args__", [annotation]) if hasattr(one, "from_dict")
            )
            parameters["body"] = class_of_body.from_dict(body)
        answer = module.sync_detailed(client=self.client, **parameters)
        assert answer.status_code == status, (operation, answer.content)
        if status < 300:
            self.called.add(operation)
        if status != 204 and is_json:
            raw = json.loads(answer.content)
            assert answer.parsed is not None, operation
            assert answer.parsed.to_dict().keys() == raw.keys(), operation
        return answer


@pytest.fixture
def things(workspace: Workspace) -> Things:
    things = fill(workspace)
    for run in Run.objects.all()[:3]:
        make_request_result(run, status_code=None, error_code="ECONNREFUSED")
    return things


def test_it_walks_through_everything(
    package: str, live_server: LiveServer, workspace: Workspace, things: Things
) -> None:
    key = ApiKey.issue(workspace, "generated", Role.EDITOR)[1]
    api = GeneratedClient(package, live_server.url, key)
    collection = {"collection": CONTENT}
    bodies: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "collections": (collection, collection),
        "environments": ({"name": "Staging", "values": [{"key": "n", "value": 5}]}, RENAMED),
        "monitors": ({"name": "New", "collection": str(things["collections"].pk)}, RENAMED),
        "vault_secrets": ({"key": "pass", "value": "s3cret"}, {"value": "other"}),
        "certificates": ({"host": "b.example", "authority": make_certificate()[0]}, {"host": "c.example"}),
        "maintenance_windows": (WINDOW, RENAMED),
        "integrations": (INTEGRATION, RENAMED),
    }
    for kind, (body, change) in bodies.items():
        walk(api, kind, body, change)
    walk_the_rest(api, things)
    walk_outages(api, things)
    assert api.operations() - api.called == set()
    assert_errors_are_read(api, things)


def walk(api: GeneratedClient, kind: str, body: dict[str, Any], change: dict[str, Any]) -> None:
    """Lists, creates, reads, updates, acts and deletes."""
    listed = api.call(f"{kind}_list", 200).parsed.results
    assert listed, kind
    created = api.call(f"{kind}_create", 201, body)
    pk = created.parsed.id
    read = api.call(f"{kind}_retrieve", 200, id=pk)
    etag = read.headers["ETag"]
    assert etag == created.headers["ETag"]
    if f"{kind}_partial_update" in api.operations():
        etag = api.call(f"{kind}_partial_update", 200, change, id=pk, if_match=etag).headers["ETag"]
    api.call(f"{kind}_update", 200, body, id=pk, if_match=etag)
    stale = api.call(f"{kind}_update", 412, body, id=pk, if_match='"stale"')
    assert stale.parsed.detail.endswith("send the ETag of that response in If-Match.")
    for action in ("pause", "resume", "end", "test", "run"):
        if f"{kind}_{action}_create" in api.operations():
            status = 202 if action in ("test", "run") else 200
            api.call(f"{kind}_{action}_create", status, id=pk)
    api.call(f"{kind}_destroy", 204, id=pk)
    gone = api.call(f"{kind}_retrieve", 404, id=pk)
    assert gone.parsed.detail.endswith("in this workspace.")


def walk_outages(api: GeneratedClient, things: Things) -> None:
    outage, monitor = things["outages"].pk, things["monitors"].pk
    assert api.call("outages_list", 200).parsed.results
    assert api.call("outages_retrieve", 200, id=outage).parsed.is_open
    assert api.call("outages_acknowledge_create", 200, id=outage).parsed.acknowledged_at
    assert api.call("outages_note_create", 201, {"text": "Looking."}, id=outage).parsed.text == "Looking."
    assert api.call("outages_mute_create", 200, {"minutes": 60}, id=outage).parsed.until
    assert not api.call("outages_resolve_create", 200, id=outage).parsed.is_open
    assert api.call("monitors_stats_retrieve", 200, id=monitor).parsed.since
    assert api.call("monitors_duplicate_create", 201, {"name": "Twin"}, id=monitor).parsed.name == "Twin"


def walk_the_rest(api: GeneratedClient, things: Things) -> None:
    collection, incident = things["collections"].pk, things["incidents"].pk
    versions = api.call("collections_versions_list", 200, id=collection).parsed.results
    version = api.call("collections_versions_retrieve", 200, id=collection, number=versions[0].version)
    assert version.parsed.collection["info"]["name"] == "Orders"
    for run in api.call("runs_list", 200, page_size=500).parsed.results:
        api.call("runs_retrieve", 200, id=run.id)
    assert api.call("runs_exchanges_retrieve", 200, id=run.id).parsed.results == []
    assert api.call("runs_comparison_retrieve", 200, id=things["runs"].pk).parsed.requests
    assert b"event: finished" in api.call("runs_events_retrieve", 200, is_json=False, id=run.id).content
    queued = api.call("monitors_run_create", 202, id=things["monitors"].pk).parsed.results
    assert api.call("runs_cancel_create", 200, id=queued[0].id).parsed.result.value == "canceled"
    api.call("integrations_deliveries_list", 200, id=things["integrations"].pk)
    assert api.call("incidents_list", 200).parsed.results
    assert api.call("incidents_retrieve", 200, id=incident).parsed.is_open
    assert not api.call("incidents_resolve_create", 200, id=incident).parsed.is_open


def assert_errors_are_read(api: GeneratedClient, things: Things) -> None:
    assert api.call("monitors_list", 400, page_size=0).parsed["page_size"]
    assert api.call("collections_destroy", 409, id=things["collections"].pk).parsed.detail
    stranger = GeneratedClient(api.package, api.url, "pw_wrong")
    assert "not known" in stranger.call("monitors_list", 401).parsed.detail
