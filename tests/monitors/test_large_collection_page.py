"""Of a large collection, folders and requests are loaded when somebody opens them."""

from typing import Any

import pytest
from django.test import Client

from monitors.models import Collection
from tests.factories import CONTENT, make_collection
from workspaces.models import Workspace

FOLDERS = 250
REQUESTS = 40
MAX_BYTES = 300_000


def request(name: str) -> dict[str, Any]:
    script = {"exec": [f"pm.test('{name}', () => {{}})", "//" + "x" * 200]}
    return {
        "name": name,
        "request": {
            "method": "GET",
            "url": f"https://api.example/{name}?api_key=s3cr3t-0123456789",
            "description": f"About {name}",
        },
        "event": [{"listen": "test", "script": script}],
    }


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    folders = [
        {"name": f"Folder {n}", "item": [request(f"r{n}-{m}") for m in range(REQUESTS)]}
        for n in range(FOLDERS)
    ]
    return CONTENT | {"item": folders}


@pytest.fixture
def collection(workspace: Workspace, content: dict[str, Any]) -> Collection:
    return make_collection(workspace, content=content)


def page(client: Client, collection: Collection, query: str = "") -> str:
    return client.get(f"{collection.get_absolute_url()}{query}").content.decode()


def part(client: Client, collection: Collection, query: str) -> str:
    url = f"{collection.get_absolute_url()}{query}"
    return client.get(url, headers={"HX-Request": "true"}).content.decode()


def test_ten_thousand_requests_are_a_small_page(as_viewer: Client, collection: Collection) -> None:
    shown = page(as_viewer, collection)
    assert "10000 requests" in shown
    assert len(shown.encode()) < MAX_BYTES
    assert "Folder 99" in shown
    assert "Folder 100" not in shown
    assert "r0-0" not in shown


def test_the_page_names_the_requests_of_each_folder(as_viewer: Client, collection: Collection) -> None:
    assert f'node-note">{REQUESTS}</span>' in page(as_viewer, collection)


def test_an_opened_folder_loads_its_requests_alone(as_viewer: Client, collection: Collection) -> None:
    shown = part(as_viewer, collection, "?at=7")
    assert "r7-0" in shown
    assert f"r7-{REQUESTS - 1}" in shown
    assert "r8-0" not in shown
    assert "About r7-0" not in shown
    assert "<html" not in shown


def test_an_opened_request_loads_what_it_has(as_viewer: Client, collection: Collection) -> None:
    shown = part(as_viewer, collection, "?at=7.3")
    assert "About r7-3" in shown
    assert "pm.test(&#x27;r7-3&#x27;" in shown
    assert "<summary>" not in shown.replace("<summary>Post-response script", "")


def test_the_list_goes_on_where_it_ended(as_viewer: Client, collection: Collection) -> None:
    shown = part(as_viewer, collection, "?at=&from=100")
    assert "Folder 100" in shown
    assert "Folder 199" in shown
    assert "Folder 200" not in shown
    assert "from=200" in shown
    assert "from=" not in part(as_viewer, collection, "?at=&from=200")


def test_without_javascript_a_link_opens_a_folder(as_viewer: Client, collection: Collection) -> None:
    assert 'href="?at=7#part-7"' in page(as_viewer, collection)
    shown = page(as_viewer, collection, "?at=107.3")
    assert "Folder 107" in shown
    assert "About r107-3" in shown
    assert "About r107-2" not in shown
    assert "Back to the first ones" in shown
    assert len(shown.encode()) < MAX_BYTES


@pytest.mark.parametrize("address", ["250", "7.40", "7.3.0", "x", "7.", "9" * 40, "0" + ".0" * 200])
def test_an_address_with_nothing_there_is_not_found(
    as_viewer: Client, collection: Collection, address: str
) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        url = f"{collection.get_absolute_url()}?at={address}"
        assert as_viewer.get(url, headers=headers).status_code == 404


def test_viewers_see_no_secrets_in_a_part(
    as_viewer: Client, as_editor: Client, collection: Collection
) -> None:
    assert "s3cr3t" not in part(as_viewer, collection, "?at=7.3")
    assert "s3cr3t" in part(as_editor, collection, "?at=7.3")


def test_a_version_is_opened_in_the_same_way(as_viewer: Client, collection: Collection) -> None:
    url = f"{collection.get_absolute_url()}versions/1/"
    assert len(as_viewer.get(url).content) < MAX_BYTES
    shown = as_viewer.get(f"{url}?at=7", headers={"HX-Request": "true"}).content.decode()
    assert "r7-0" in shown


def test_a_few_requests_with_long_scripts_are_folded_too(as_viewer: Client, workspace: Workspace) -> None:
    long = request("first")
    long["event"][0]["script"]["exec"] = ["// " + "x" * 200_000]
    collection = make_collection(workspace, content=CONTENT | {"item": [long]})
    assert len(page(as_viewer, collection).encode()) < MAX_BYTES
