"""A field that cannot be written is not ignored: the answer says so, and what to do instead.

What a GET gave may be sent back as a whole, even when runs have changed it since.
"""

from typing import Any

import pytest
from rest_framework.test import APIClient

from monitors.models import HostCertificate, Monitor
from tests.addresses import Things, fill
from tests.conftest import client_of
from tests.factories import CONTENT, make_collection, make_monitor, make_run, make_window
from tests.integrations.factories import make_integration
from tests.monitors.certificates import make_certificate
from tests.test_references import lists_of_the_api
from workspaces.models import Role, Workspace


@pytest.fixture
def things(workspace: Workspace) -> Things:
    things = fill(workspace)
    HostCertificate.objects.update(authority=make_certificate()[0])
    return things


def test_no_read_only_field_of_anything_is_ignored(workspace: Workspace, things: Things) -> None:
    api = client_of(workspace, Role.OWNER)
    for route in lists_of_the_api():
        kind = route.text.removeprefix("api/v1/").split("/")[0]
        address = f"/api/v1/{kind}/{things[kind].pk}/"
        serializer = route.view.cls.serializer_class()
        names = [name for name, field in serializer.fields.items() if field.read_only]
        assert {"id", "created_at", "updated_at"} <= set(names), kind
        method = api.put if kind == "collections" else api.patch
        beside = {"collection": CONTENT} if kind == "collections" else {}
        for name in names:
            refused = method(address, beside | {name: "another"})
            assert refused.status_code == 400, (kind, name)
            assert list(refused.json()) == [name]
            assert refused.json()[name][0].endswith("."), (kind, name)
            created = api.post(f"/api/v1/{kind}/", {name: "another"})
            assert created.json()[name] == refused.json()[name], (kind, name)
        for name in names:
            as_read = api.get(address).json()[name]
            assert method(address, beside | {name: as_read}).status_code == 200, (kind, name)


def test_what_was_read_is_sent_back_after_a_run(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    address = f"/api/v1/monitors/{monitor.pk}/"
    read = api.get(address).json()
    make_run(monitor, "failure")
    for method in (api.put, api.patch):
        assert method(address, read).status_code == 200
    assert Monitor.objects.get().consecutive_failures == 1


def test_a_pause_is_never_ignored(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    integration = make_integration(workspace, monitor)
    for address in (f"/api/v1/monitors/{monitor.pk}/", f"/api/v1/integrations/{integration.pk}/"):
        read = api.get(address).json()
        for answer in (
            api.patch(address, {"is_paused": True}),
            api.put(address, read | {"is_paused": True}),
        ):
            assert answer.status_code == 400
            assert answer.json() == {"is_paused": ["Use the actions pause and resume."]}
        assert api.patch(address, {"is_paused": False}).status_code == 200


def test_a_copy_is_made_of_what_was_read(api: APIClient, workspace: Workspace) -> None:
    read = api.get(f"/api/v1/monitors/{make_monitor(workspace).pk}/").json()
    copy = api.post("/api/v1/monitors/", read | {"name": "Copy"})
    assert copy.status_code == 201, copy.json()
    assert copy.json()["id"] != read["id"]


def test_a_collection_is_renamed_in_its_content(api: APIClient, workspace: Workspace) -> None:
    address = f"/api/v1/collections/{make_collection(workspace).pk}/"
    read = api.get(address).json()
    refused = api.put(address, read | {"name": "Renamed"})
    assert refused.json() == {"name": ["The name is taken from the collection: change name in its info."]}
    content = read["collection"] | {"info": read["collection"]["info"] | {"name": "Renamed"}}
    assert api.put(address, read | {"collection": content}).json()["name"] == "Renamed"
    assert api.put(address, {"name": "Renamed", "collection": content}).status_code == 200
    assert api.post("/api/v1/collections/", {"name": "Renamed", "collection": content}).status_code == 201
    assert api.post("/api/v1/collections/", {"name": "Other", "collection": content}).status_code == 400


@pytest.mark.parametrize("action", ["pause", "resume", "run"])
@pytest.mark.parametrize("body", [{"close_incidents": False}, {"until": "tomorrow"}, [1]])
def test_an_action_ignores_no_body(api: APIClient, workspace: Workspace, action: str, body: Any) -> None:
    address = f"/api/v1/monitors/{make_monitor(workspace).pk}/{action}/"
    answer = api.post(address, body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "This URL takes no request body. Send none."},
    )
    assert api.post(address, {}).status_code in (200, 202)


def test_ending_a_window_is_named(api: APIClient, workspace: Workspace) -> None:
    address = f"/api/v1/maintenance-windows/{make_window(workspace).pk}/"
    assert "action end" in api.patch(address, {"is_active": False}).json()["is_active"][0]
