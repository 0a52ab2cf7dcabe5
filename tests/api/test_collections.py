from typing import Any

from rest_framework.test import APIClient

from monitors.models import Collection
from tests.factories import CONTENT, make_collection, make_monitor
from workspaces.models import Workspace

NEWER: dict[str, Any] = CONTENT | {"info": CONTENT["info"] | {"name": "Orders, revised"}}


def test_a_collection_is_created_with_its_name(api: APIClient, workspace: Workspace) -> None:
    response = api.post("/api/v1/collections/", {"workspace": workspace.slug, "collection": CONTENT})
    assert response.status_code == 201
    assert response.json()["name"] == "Orders"
    assert response.json()["version"] == 1
    assert Collection.objects.get().workspace == workspace


def test_the_workspace_follows_from_the_key(api: APIClient, workspace: Workspace) -> None:
    response = api.post("/api/v1/collections/", {"collection": CONTENT})
    assert response.json()["workspace"] == workspace.slug


def test_another_workspace_cannot_be_named(api: APIClient, other_workspace: Workspace) -> None:
    response = api.post("/api/v1/collections/", {"workspace": other_workspace.slug, "collection": CONTENT})
    assert response.status_code == 400
    assert "belongs to another workspace" in response.json()["workspace"][0]
    assert not Collection.objects.exists()


def test_the_last_slash_may_be_left_out(api: APIClient) -> None:
    assert api.post("/api/v1/collections", {"collection": CONTENT}).status_code == 201


def test_a_put_stores_a_new_version(api: APIClient, workspace: Workspace) -> None:
    collection = make_collection(workspace)
    response = api.put(f"/api/v1/collections/{collection.pk}/", {"collection": NEWER})
    assert response.status_code == 200
    assert (response.json()["version"], response.json()["name"]) == (2, "Orders, revised")
    versions = api.get(f"/api/v1/collections/{collection.pk}/versions/").json()["results"]
    assert [version["version"] for version in versions] == [2, 1]


def test_an_old_version_is_read_with_its_content(
    api: APIClient, viewer_api: APIClient, workspace: Workspace
) -> None:
    address = f"/api/v1/collections/{make_collection(workspace).pk}/"
    secret = {"type": "bearer", "bearer": [{"key": "token", "value": "s3cret"}]}
    api.put(address, {"collection": NEWER | {"auth": secret}})
    api.put(address, {"collection": NEWER})
    first, second = (api.get(f"{address}versions/{number}/").json() for number in (1, 2))
    assert (first["version"], first["collection"]["info"]["name"]) == (1, "Orders")
    assert second["collection"]["auth"] == secret
    assert "s3cret" not in viewer_api.get(f"{address}versions/2/").content.decode()
    for number in (0, 4, 999999999):
        missing = api.get(f"{address}versions/{number}/")
        assert missing.status_code == 404
        assert missing.json() == {"detail": f"This collection has no version {number}."}


def test_one_collection_comes_with_its_content_and_a_list_without(
    api: APIClient, workspace: Workspace
) -> None:
    collection = make_collection(workspace)
    detail = api.get(f"/api/v1/collections/{collection.pk}/").json()
    assert detail["collection"]["item"] == CONTENT["item"]
    (listed,) = api.get("/api/v1/collections/").json()["results"]
    assert "collection" not in listed


def test_what_is_not_a_collection_is_refused_with_a_sentence(api: APIClient) -> None:
    for content in [{}, [], "text", 5, None, {"info": {}}, {"openapi": "3.1.0"}]:
        response = api.post("/api/v1/collections/", {"collection": content})
        assert response.status_code == 400, content
        assert response.json()["collection"][0].endswith("."), content


def test_a_collection_that_a_monitor_uses_is_not_deleted(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace, "Checkout")
    response = api.delete(f"/api/v1/collections/{monitor.collection.pk}/")
    assert response.status_code == 409
    assert "“Checkout” still uses this collection" in response.json()["detail"]
    assert Collection.objects.exists()


def test_an_unused_collection_is_deleted(api: APIClient, workspace: Workspace) -> None:
    assert api.delete(f"/api/v1/collections/{make_collection(workspace).pk}/").status_code == 204
    assert not Collection.objects.exists()
