"""Viewers read a collection without the secrets that people leave in it; editors read it as it is."""

import json
from typing import Any

import pytest
from django.test import Client

from monitors.models import Collection
from monitors.redaction import MASK, redacted
from tests.conftest import client_of
from tests.factories import make_collection
from workspaces.models import Role, Workspace

HIDDEN = "hunter2"

CONTENT: dict[str, Any] = {
    "info": {
        "name": "Orders",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": HIDDEN, "type": "string"}]},
    "variable": [{"key": "token", "value": HIDDEN}, {"key": "pin", "value": 31337}],
    "item": [
        {
            "name": "Everything",
            "request": {
                "method": "POST",
                "auth": {"type": "apikey", "apikey": {"key": "X-Key", "value": HIDDEN, "in": "header"}},
                "url": {
                    "raw": f"https://user:{HIDDEN}@api.example/orders?api_key={HIDDEN}&page=2",
                    "query": [{"key": "api_key", "value": HIDDEN}, {"key": "page", "value": "2"}],
                    "variable": [{"key": "id", "value": HIDDEN}],
                },
                "header": [
                    {"key": "Authorization", "value": f"Bearer {HIDDEN}"},
                    {"key": "X-Trace", "value": "{{trace}}"},
                    {"key": "Accept", "value": "text/plain"},
                ],
                "body": {"mode": "raw", "raw": json.dumps({"password": HIDDEN, "name": "Ada"})},
            },
            "response": [{"name": "ok", "body": HIDDEN}],
        },
        {
            "name": "Forms",
            "request": {
                "url": f"https://api.example/?token={HIDDEN}",
                "header": f"Cookie: session={HIDDEN}\nAccept: text/plain",
                "body": {
                    "mode": "urlencoded",
                    "urlencoded": [{"key": "client_secret", "value": HIDDEN}],
                    "formdata": [{"key": "password", "value": HIDDEN}],
                    "graphql": {"query": "{ a }", "variables": json.dumps({"token": HIDDEN})},
                },
            },
        },
        {"name": "Address alone", "request": f"https://user:{HIDDEN}@api.example/"},
    ],
}


@pytest.fixture
def collection(workspace: Workspace) -> Collection:
    return make_collection(workspace, content=CONTENT)


def test_a_viewers_key_reads_no_secret_and_an_editors_reads_all(
    workspace: Workspace, collection: Collection
) -> None:
    address = f"/api/v1/collections/{collection.pk}/"
    by_viewer = client_of(workspace, Role.VIEWER).get(address)
    assert HIDDEN not in by_viewer.text
    assert "31337" not in by_viewer.text
    by_editor = client_of(workspace, Role.EDITOR).get(address)
    assert by_editor.json()["collection"]["variable"] == CONTENT["variable"]


def test_a_viewers_page_shows_no_secret(as_viewer: Client, as_editor: Client, collection: Collection) -> None:
    address = collection.get_absolute_url()
    assert HIDDEN not in as_viewer.get(address).content.decode()
    assert HIDDEN in as_editor.get(address).content.decode()


def test_what_is_no_secret_stays_readable() -> None:
    request = redacted(CONTENT)["item"][0]["request"]
    assert request["url"]["raw"] == f"https://user:{MASK}@api.example/orders?api_key={MASK}&page=2"
    assert [header["value"] for header in request["header"]] == [MASK, "{{trace}}", "text/plain"]
    assert json.loads(request["body"]["raw"]) == {"password": MASK, "name": "Ada"}
    assert request["auth"]["apikey"]["in"] == "header"


@pytest.mark.parametrize("value", ["{{token}}", "Bearer {{token}}", "", True, None])
def test_what_gives_nothing_away_stays(value: Any) -> None:
    assert redacted({"variable": [{"key": "token", "value": value}]})["variable"][0]["value"] == value


@pytest.mark.parametrize(
    "odd",
    [
        {"auth": "text"},
        {"auth": {"type": "basic", "basic": 5}},
        {"variable": {"key": "x"}},
        {"header": [None, 5, {"value": "x"}]},
        {"url": None},
        {"request": ["x"]},
        {"raw": 5},
    ],
)
def test_what_has_no_usual_shape_stays_as_it_is(odd: Any) -> None:
    assert redacted(odd) == odd
