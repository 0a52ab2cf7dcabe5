"""A client changes only what it has read: ETag and If-Match."""

import json
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from monitors.models import Environment, HostCertificate, Monitor
from tests.addresses import Route, Things, fill, routes
from tests.conftest import client_of
from tests.factories import CONTENT, make_collection, make_environment, make_monitor, make_run, make_window
from tests.integrations.test_concurrency import at_once
from tests.monitors.certificates import make_certificate
from tests.test_editing import open_form
from workspaces.models import Role, Workspace

API = "api/v1/"
CHANGES: dict[str, dict[str, Any]] = {
    "collections": {"collection": CONTENT | {"item": []}},
    "environments": {"name": "Another name"},
    "monitors": {"name": "Another name"},
    "vault-secrets": {"value": "another-s3cret"},
    "certificates": {"host": "other.example"},
    "maintenance-windows": {"name": "Another name"},
    "integrations": {"name": "Another name"},
}
"""A change of each kind of thing that can be changed."""


@pytest.fixture
def things(workspace: Workspace) -> Things:
    things = fill(workspace)
    HostCertificate.objects.update(authority=make_certificate()[0])
    return things


def editable() -> list[Route]:
    return [route for route in routes() if route.text.startswith(API) and "put" in route.methods]


def kind_of(route: Route) -> str:
    return route.text.removeprefix(API).split("/")[0]


def change(api: APIClient, route: Route, address: str, **headers: str) -> Any:
    method = "patch" if "patch" in route.methods else "put"
    return getattr(api, method)(address, CHANGES[kind_of(route)], headers=headers)


def test_everything_that_can_be_changed_is_tried() -> None:
    assert {kind_of(route) for route in editable()} == CHANGES.keys()


def test_a_change_upon_an_older_version_is_refused(workspace: Workspace, things: Things) -> None:
    api = client_of(workspace, Role.OWNER)
    for route in editable():
        address = route.address(workspace, things)
        read = api.get(address)["ETag"]
        assert api.get(address)["ETag"] == read, route.text
        changed = change(api, route, address, if_match=read)
        assert changed.status_code == 200, (route.text, changed.json())
        assert changed["ETag"] != read, route.text
        assert changed["ETag"] == api.get(address)["ETag"], route.text
        refused = change(api, route, address, if_match=read)
        assert refused.status_code == 412, route.text
        assert "automation (pw_" in refused.json()["detail"], route.text
        assert "If-Match" in refused.json()["detail"], route.text
        assert api.get(address)["ETag"] == changed["ETag"], route.text
        assert change(api, route, address, if_match=changed["ETag"]).status_code == 200, route.text
        assert change(api, route, address, if_match="*").status_code == 200, route.text
        assert change(api, route, address).status_code == 200, "as before without the header"


def test_a_deletion_upon_an_older_version_is_refused(api: APIClient, workspace: Workspace) -> None:
    address = f"/api/v1/environments/{make_environment(workspace).pk}/"
    read = api.get(address)["ETag"]
    now = api.patch(address, {"name": "Renamed"})["ETag"]
    assert api.delete(address, headers={"if-match": read}).status_code == 412
    assert Environment.objects.exists()
    assert api.delete(address, headers={"if-match": now}).status_code == 204


def test_an_action_upon_an_older_version_is_refused(api: APIClient, workspace: Workspace) -> None:
    address = f"/api/v1/monitors/{make_monitor(workspace).pk}/"
    read = api.get(address)["ETag"]
    api.patch(address, {"name": "Renamed"})
    assert api.post(f"{address}pause/", headers={"if-match": read}).status_code == 412
    assert not Monitor.objects.get().is_paused


def test_what_was_created_has_an_etag(api: APIClient, workspace: Workspace) -> None:
    created = api.post("/api/v1/environments/", {"name": "Staging", "values": [{"key": "n", "value": 5}]})
    assert created["ETag"] == api.get(f"/api/v1/environments/{created.json()['id']}/")["ETag"]
    window = {
        "name": "Upgrade",
        "scope": "workspace",
        "starts_at": "2130-07-01T22:00:00.123456789+05:45",
        "ends_at": "2130-07-01T23:00:00+05:45",
    }
    created = api.post("/api/v1/maintenance-windows/", window)
    address = f"/api/v1/maintenance-windows/{created.json()['id']}/"
    assert created["ETag"] == api.get(address)["ETag"]
    assert api.put(address, api.get(address).json())["ETag"] == created["ETag"], "and nothing was changed"


def test_runs_and_pauses_do_not_make_a_new_version(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    address = f"/api/v1/monitors/{monitor.pk}/"
    read = api.get(address)["ETag"]
    make_run(monitor, "failure")
    api.post(f"{address}pause/")
    assert api.patch(address, {"name": "Renamed"}, headers={"if-match": read}).status_code == 200


def test_nor_does_the_next_occurrence_of_a_window(api: APIClient, workspace: Workspace) -> None:
    window = make_window(workspace, cron="0 22 * * *", duration_minutes=60)
    address = f"/api/v1/maintenance-windows/{window.pk}/"
    read = api.get(address)["ETag"]
    window.move_on(window.ends_at)
    assert api.get(address)["ETag"] == read


def test_a_change_by_page_is_noticed_by_the_api(
    api: APIClient, as_editor: Client, workspace: Workspace
) -> None:
    monitor = make_monitor(workspace)
    address, page = f"/api/v1/monitors/{monitor.pk}/", f"{monitor.get_absolute_url()}edit/"
    read = api.get(address)["ETag"]
    as_editor.post(page, open_form(as_editor, page) | {"name": "By page"})
    refused = api.patch(address, {"name": "By API"}, headers={"if-match": read})
    assert refused.json()["detail"].startswith("editor@acme.example changed name at 2")


def test_an_etag_that_a_proxy_made_weak_is_known(api: APIClient, workspace: Workspace) -> None:
    address = f"/api/v1/collections/{make_collection(workspace).pk}/"
    weak = f'"other", W/{api.get(address)["ETag"]}'
    assert api.put(address, {"collection": CONTENT}, headers={"if-match": weak}).status_code == 200


@pytest.mark.parametrize("header", ["", "junk", '"', "W/", '"ü"', "x" * 5000])
def test_what_is_no_etag_matches_nothing(api: APIClient, workspace: Workspace, header: str) -> None:
    address = f"/api/v1/monitors/{make_monitor(workspace).pk}/"
    assert api.patch(address, {"name": "Renamed"}, headers={"if-match": header}).status_code == 412


def test_an_etag_gives_no_secret_away(api: APIClient, other_api: APIClient) -> None:
    body = {"key": "token", "value": "s3cret"}
    etags = {one.post("/api/v1/vault-secrets/", body)["ETag"] for one in (api, other_api)}
    assert len(etags) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_the_same_moment_one_is_refused(workspace: Workspace) -> None:
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("SQLite in memory belongs to one thread.")
    address = f"/api/v1/monitors/{make_monitor(workspace).pk}/"
    clients = [client_of(workspace, Role.EDITOR) for _ in range(4)]
    for attempt in range(5):
        read = clients[0].get(address)["ETag"]
        answers: list[int] = []

        def save(api: APIClient, name: str, read: str = read, answers: list[int] = answers) -> None:
            answers.append(api.patch(address, {"name": name}, headers={"if-match": read}).status_code)

        at_once(*(partial(save, one, f"{attempt} {n}") for n, one in enumerate(clients)))
        assert sorted(answers) == [200, 412, 412, 412], json.dumps(answers)
