import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitors.models import Collection
from tests.factories import CONTENT, make_collection, make_monitor
from tests.monitors.runner.target import Target
from workspaces.models import Workspace

IMPORT = "/w/acme/collections/import/"


@pytest.fixture
def collection(workspace: Workspace) -> Collection:
    return make_collection(workspace)


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as server:
        yield server


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_the_list_says_what_there_is(as_viewer: Client, workspace: Workspace) -> None:
    make_monitor(workspace, collection=make_collection(workspace, "Billing"))
    assert "Billing" in page(as_viewer, "/w/acme/collections/")


def test_an_empty_list_says_what_to_do(as_editor: Client) -> None:
    assert "Export one from Postman and import it here." in page(as_editor, "/w/acme/collections/")


def test_the_search_finds_by_name(as_viewer: Client, workspace: Workspace) -> None:
    for name in ("Billing", "Orders"):
        make_collection(workspace, name)
    found = page(as_viewer, "/w/acme/collections/?q=bill")
    assert "Billing" in found
    assert "Orders" not in found


def test_the_list_takes_the_same_queries_for_many(
    as_viewer: Client, workspace: Workspace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(25):
        make_monitor(workspace, collection=make_collection(workspace, f"Collection {n}"))
    with django_assert_max_num_queries(8):
        as_viewer.get("/w/acme/collections/")


def test_a_file_is_imported(as_editor: Client) -> None:
    file = SimpleUploadedFile("orders.json", json.dumps(CONTENT).encode())
    answer = as_editor.post(IMPORT, {"file": file})
    collection = Collection.objects.get()
    assert answer.headers["Location"] == collection.get_absolute_url()
    assert collection.latest
    assert (collection.name, collection.latest.request_count) == ("Orders", 1)


def test_pasted_json_is_imported(as_editor: Client) -> None:
    as_editor.post(IMPORT, {"text": json.dumps(CONTENT)})
    assert Collection.objects.get().name == "Orders"


def test_an_address_is_downloaded(as_editor: Client, target: Target) -> None:
    answer = as_editor.post(IMPORT, {"url": f"{target.url}/text"})
    assert "not JSON" in answer.content.decode()
    assert target.paths == ["/text"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose a file, give a URL or paste the JSON."),
        ({"text": "{}", "url": "https://example.com"}, "but only one of them"),
        ({"text": "[]"}, "not a Postman collection"),
        ({"url": "ftp://example.com/a"}, "begins with https:// or http://"),
    ],
)
def test_what_cannot_be_imported_is_explained(
    as_editor: Client, given: dict[str, str], sentence: str
) -> None:
    answer = as_editor.post(IMPORT, given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_what_was_pasted_survives_an_error(as_editor: Client) -> None:
    assert "my text" in as_editor.post(IMPORT, {"text": "my text"}).content.decode()


def test_a_version_that_exceeds_a_later_limit_says_so(
    as_viewer: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = make_collection(workspace, content=CONTENT)
    monkeypatch.setattr("monitors.runner.loading.MAX_ITEMS", 0)
    for path in ("", "versions/1/"):
        assert "more than 0 folders and requests" in page(as_viewer, collection.get_absolute_url() + path)


def test_one_collection_is_a_tree_with_its_scripts(as_viewer: Client, workspace: Workspace) -> None:
    script = {"listen": "test", "script": {"exec": ["pm.test('<ok>', () => {})"]}}
    request: dict[str, Any] = {
        "method": "POST",
        "url": {"raw": "{{host}}/orders"},
        "auth": {"type": "bearer"},
    }
    item = {"name": "New order", "request": request, "event": [script]}
    content = CONTENT | {"item": [{"name": "Orders folder", "item": [item]}]}
    shown = page(as_viewer, make_collection(workspace, content=content).get_absolute_url())
    assert "Orders folder" in shown
    assert "{{host}}/orders" in shown
    assert "Bearer token" in shown
    assert "pm.test(&#x27;&lt;ok&gt;&#x27;" in shown


def test_importing_again_makes_a_new_version(as_editor: Client, collection: Collection) -> None:
    as_editor.post(f"{collection.get_absolute_url()}import/", {"text": json.dumps(CONTENT | {"item": []})})
    assert list(collection.versions.values_list("number", "request_count")) == [(2, 0), (1, 1)]


def test_it_is_deleted_after_a_question(as_editor: Client, collection: Collection) -> None:
    url = f"{collection.get_absolute_url()}delete/"
    assert "deleted permanently" in page(as_editor, url)
    as_editor.post(url)
    assert not Collection.objects.exists()


def test_one_that_a_monitor_runs_stays(as_editor: Client, collection: Collection) -> None:
    make_monitor(collection.workspace, "Checkout", collection=collection)
    url = f"{collection.get_absolute_url()}delete/"
    assert "Checkout" in page(as_editor, url)
    as_editor.post(url)
    assert Collection.objects.exists()


@pytest.mark.parametrize("path", ["", "import/", "delete/"])
def test_it_is_hidden_from_outsiders(as_outsider: Client, collection: Collection, path: str) -> None:
    assert as_outsider.get(f"{collection.get_absolute_url()}{path}").status_code == 404
    assert as_outsider.post(f"{collection.get_absolute_url()}{path}").status_code == 404


@pytest.mark.parametrize("path", ["import/", "delete/"])
def test_viewers_change_nothing(as_viewer: Client, collection: Collection, path: str) -> None:
    assert as_viewer.post(f"{collection.get_absolute_url()}{path}").status_code == 403


def test_an_old_version_is_read_with_its_neighbors(
    as_editor: Client, as_outsider: Client, workspace: Workspace
) -> None:
    collection = make_collection(workspace)
    for name in ("Pay", "Refund"):
        item = {"name": name, "request": {"method": "GET", "url": "https://api.example"}}
        collection.add_version(CONTENT | {"item": [item]}, by=None)
    page = collection.get_absolute_url()
    assert f"{page}versions/2/" in as_editor.get(page).content.decode()
    second = as_editor.get(f"{page}versions/2/").content.decode()
    assert "Pay" in second
    assert "Refund" not in second
    assert f"{page}versions/1/" in second
    assert f"{page}versions/3/" in second
    for number in (0, 4, 10**30):
        assert as_editor.get(f"{page}versions/{number}/").status_code == 404
    assert as_outsider.get(f"{page}versions/1/").status_code == 404
