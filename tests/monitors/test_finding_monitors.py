"""The list of monitors finds by words, tags, collections, environments and regions, and so does the API."""

from typing import Any

import pytest
from django.test import Client

from monitors.models import Collection
from tests.conftest import client_of
from tests.factories import CONTENT, make_collection, make_environment, make_monitor
from tests.monitors.test_monitor_list_page import names
from workspaces.models import Role, Workspace

URL = "/w/acme/monitors/"


def found(client: Client, workspace: Workspace, query: str) -> list[str]:
    """The names on the page, which are those in the API too."""
    on_page = names(client, f"{URL}?{query}")
    answer = client_of(workspace, Role.VIEWER).get(f"/api/v1/monitors/?{query}").json()
    assert sorted(row["name"] for row in answer["results"]) == sorted(on_page)
    return on_page


def collection_for(workspace: Workspace, name: str, *urls: str) -> Collection:
    items = [{"name": url, "request": {"method": "GET", "url": url}} for url in urls]
    return make_collection(workspace, name, CONTENT | {"item": items})


def test_every_word_must_be_somewhere(as_viewer: Client, workspace: Workspace) -> None:
    payments = collection_for(workspace, "Payments", "{{baseUrl}}/v1/refunds")
    make_monitor(workspace, "Checkout EU", collection=payments, tags=["critical"])
    make_monitor(workspace, "Checkout US", tags=["critical"])
    for query in ("q=checkout+pay", "q=eu+CRIT", "q=refund+checkout", "q=v1/ref"):
        assert found(as_viewer, workspace, query) == ["Checkout EU"]
    assert found(as_viewer, workspace, "q=checkout+critical") == ["Checkout EU", "Checkout US"]
    assert found(as_viewer, workspace, "q=checkout+nothing") == []


def test_words_are_no_patterns(as_viewer: Client, workspace: Workspace) -> None:
    make_monitor(workspace, "100 % checkout", tags=["größe"])
    make_monitor(workspace, "Search")
    assert found(as_viewer, workspace, "q=%25") == ["100 % checkout"]
    assert found(as_viewer, workspace, "q=gr%C3%B6%C3%9Fe") == ["100 % checkout"]
    assert found(as_viewer, workspace, "q=%22") == []


def test_many_words_are_cut_off(as_viewer: Client, workspace: Workspace) -> None:
    make_monitor(workspace, "Checkout")
    assert found(as_viewer, workspace, "q=" + "+".join(["check"] * 10 + ["nothing"] * 500)) == ["Checkout"]


def test_a_collection_an_environment_and_a_region_filter(
    as_viewer: Client, workspace: Workspace, settings: Any
) -> None:
    settings.REGIONS = ["default", "eu-west"]
    environment = make_environment(workspace)
    west = make_monitor(workspace, "West", regions=["eu-west"], environment=environment)
    make_monitor(workspace, "Here", collection=make_collection(workspace, "Other"))
    assert found(as_viewer, workspace, "region=eu-west") == ["West"]
    assert found(as_viewer, workspace, f"collection={west.collection_id}") == ["West"]
    assert found(as_viewer, workspace, f"environment={environment.pk}") == ["West"]
    assert found(as_viewer, workspace, "region=default&q=here") == ["Here"]


def test_the_page_ignores_what_it_does_not_know_and_the_api_refuses_it(
    as_viewer: Client, workspace: Workspace
) -> None:
    make_monitor(workspace, "Checkout")
    api = client_of(workspace, Role.VIEWER)
    for query in ("region=nowhere", "collection=x", "environment=1"):
        assert names(as_viewer, f"{URL}?{query}") == ["Checkout"]
        assert api.get(f"/api/v1/monitors/?{query}").status_code == 400


@pytest.mark.django_db
def test_the_stored_urls_hold_no_secrets(workspace: Workspace) -> None:
    collection = collection_for(
        workspace,
        "Hooks",
        "https://user:hunter2@api.example/orders?token=t0ken#part",
        "https://hooks.example/services/T0123456789ABCDEFGHIJKL/run",
    )
    assert collection.request_urls.split("\n") == [
        "https://user:•••••@api.example/orders",
        "https://hooks.example/services/…/run",
    ]


@pytest.mark.django_db
def test_an_import_replaces_the_stored_urls(workspace: Workspace) -> None:
    collection = collection_for(workspace, "Shop", "https://api.example/a")
    collection.add_version(CONTENT | {"item": [{"name": "B", "request": "https://api.example/b"}]}, by=None)
    assert Collection.objects.get().request_urls == "https://api.example/b"


@pytest.mark.django_db
def test_a_large_collection_stores_a_part_of_its_urls(workspace: Workspace) -> None:
    urls = [f"https://api.example/{'long/' * 20}{n}" for n in range(300)]
    assert len(collection_for(workspace, "Large", *urls).request_urls) == 4000
