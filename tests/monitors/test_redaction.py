"""Viewers read a collection without the secrets that people leave in it; editors read it as it is."""

import json
from typing import Any

import pytest
from django.test import Client

from monitors import worker
from monitors.models import Collection, Run
from monitors.models.runs import RunType
from monitors.redaction import MASK, redacted, secrets_for_reports
from tests.conftest import client_of
from tests.factories import make_collection, make_monitor
from tests.monitors.runner.target import Target
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
    "part",
    [
        {"auth": HIDDEN},
        {"auth": [{"key": "token", "value": HIDDEN}]},
        {"auth": {"type": "bearer", "bearer": HIDDEN}},
        {"auth": {"type": "bearer", "bearer": [HIDDEN]}},
        {"auth": {"type": "basic", "basic": [{"name": "password", "value": HIDDEN}]}},
        {"auth": {"type": "oauth2", "oauth2": [{"key": "tokenRequestParams", "value": [{"value": HIDDEN}]}]}},
        {"variable": {"token": HIDDEN}},
        {"variable": [{"key": "token", "value": "", "default": HIDDEN}]},
        {"url": {"raw": "https://api.example/", "auth": {"user": "ada", "password": HIDDEN}}},
        {"url": {"host": [f"ada:{HIDDEN}@api", "example"]}},
        {"url": {"host": "api.example", "query": f"page=2&token={HIDDEN}"}},
        {"url": {"query": [f"token={HIDDEN}"]}},
        {"url": {"raw": f"https://api.example/#access_token={HIDDEN}", "hash": f"access_token={HIDDEN}"}},
        {"url": f'{{{{base}}}}/?q="a"&token={HIDDEN}'},
        {"url": f"https://api.example/;token={HIDDEN}?page=2"},
        {"url": f"https://api.example/?next=https://ada:{HIDDEN}@other.example/"},
        {"header": [f"Authorization: Bearer {HIDDEN}"]},
        {"header": {"Authorization": HIDDEN}},
        {"header": [{"key": "X-Upstream", "value": f"Bearer {HIDDEN * 2}"}]},
        {"header": [{"key": "X-Pass", "value": HIDDEN}]},
        {"header": f"Accept: text/plain\r\nX-Api-Key: {HIDDEN} {HIDDEN}"},
        {"body": f"grant_type=password&client_secret={HIDDEN}"},
        {"body": {"raw": f"grant_type=password&client_secret={HIDDEN}"}},
        {"body": {"raw": f"user[name]=ada&user[password]={HIDDEN}"}},
        {"body": {"raw": f"<login><password>{HIDDEN}</password></login>"}},
        {"body": {"raw": f"<s:login><s:password type='text'>{HIDDEN}</s:password></s:login>"}},
        {"body": {"raw": f'<login password="{HIDDEN}"/>'}},
        {"body": {"raw": f"name: ada\npassword: {HIDDEN}\n"}},
        {"body": {"raw": {"password": HIDDEN}}},
        {"body": {"raw": json.dumps({"tokens": [HIDDEN], "password": {"value": HIDDEN}})}},
        {"body": {"raw": json.dumps({"payload": json.dumps({"password": HIDDEN})})}},
        {"body": {"raw": f'{{"id": {{{{id}}}}, "password": "{HIDDEN}"}}'}},
        {"body": {"raw": f"{{password: '{HIDDEN}'}}"}},
        {"body": {"urlencoded": f"password={HIDDEN}&page=2"}},
        {"body": {"urlencoded": {"password": HIDDEN}}},
        {"body": {"graphql": {"query": f'mutation {{ login(user: "ada", password: "{HIDDEN}") }}'}}},
        {"body": {"graphql": {"variables": {"password": HIDDEN}}}},
        {"body": {"graphql": json.dumps({"variables": {"password": HIDDEN}})}},
        {"request": {"proxy": {"host": "proxy.example", "username": "ada", "password": HIDDEN}}},
        {"request": {"proxy": {"server": f"http://ada:{HIDDEN}@proxy.example"}}},
        {"request": {"certificate": {"key": {"src": "/key.pem"}, "passphrase": HIDDEN}}},
    ],
)
def test_a_secret_is_hidden_in_whatever_shape_it_stands(part: Any) -> None:
    assert HIDDEN not in json.dumps(redacted(part))


def test_a_number_behind_the_name_of_a_credential_is_hidden() -> None:
    shown = redacted({"body": {"raw": json.dumps({"pin": 31337, "amount": 4})}})
    assert json.loads(shown["body"]["raw"]) == {"pin": MASK, "amount": 4}


@pytest.mark.parametrize(
    "part",
    [
        {"header": [None, 5, {"value": "x"}]},
        {"header": "Accept: text/plain\nAuthorization: Bearer {{token}}"},
        {"url": None},
        {"url": "https://auth.example:8443/tokens/{{id}}?page=2"},
        {"url": "{{authUrl}}/orders"},
        {"url": {"host": ["auth", "example"], "path": ["v1", "keys"]}},
        {"request": ["x"]},
        {"raw": 5},
        {"auth": {"type": "noauth", "noauth": None}},
        {"auth": {"type": "apikey", "apikey": [{"key": "in", "value": "query"}]}},
        {"auth": {"type": "oauth2", "oauth2": [{"key": "addTokenTo", "value": "header"}]}},
        {"body": {"mode": "raw", "raw": "Dear Ada, write to ada@acme.example: it is time."}},
        {"body": {"mode": "raw", "raw": '{"id": {{id}}, "password": {{password}}, "name": "Ada"}'}},
        {"body": {"mode": "file", "file": {"src": "/orders.csv"}}},
        {"event": [{"listen": "test", "script": {"exec": ["const key = 1"]}}]},
        {"protocolProfileBehavior": {"followAuthorizationHeader": True}},
    ],
)
def test_what_is_no_secret_stays_as_it_is(part: Any) -> None:
    assert redacted(part) == part


def test_a_run_reports_no_secret_that_stands_in_its_collection(
    workspace: Workspace, as_viewer: Client
) -> None:
    script = """
        console.log(pm.request.url.toString(), pm.request.headers.get("Authorization"));
        pm.test("token", () => pm.expect(pm.collectionVariables.get("apiToken")).to.equal("none"));
    """
    test = {"listen": "test", "script": {"exec": [script]}}
    with Target() as target:
        requests: list[dict[str, Any]] = [
            {"url": f"{target.url}/echo?signature={{{{apiToken}}}}"},
            {
                "url": f"{target.url}/echo?page=42&token=query-{HIDDEN}",
                "auth": {"type": "bearer", "bearer": [{"key": "token", "value": f"bearer-{HIDDEN}"}]},
            },
        ]
        content = CONTENT | {
            "auth": {
                "type": "apikey",
                "apikey": [
                    {"key": "key", "value": "X-Key"},
                    {"key": "value", "value": f"key-{HIDDEN}"},
                    {"key": "in", "value": "query"},
                ],
            },
            "variable": [{"key": "apiToken", "value": f"variable-{HIDDEN}"}],
            "item": [{"name": "Look", "request": request, "event": [test]} for request in requests],
        }
        monitor = make_monitor(workspace, collection=make_collection(workspace, content=content))
        run = Run.queue(monitor, "default", RunType.MANUAL)
        worker.execute(run.pk)
        urls = [seen.target for seen in target.seen]
    assert any(f"signature=variable-{HIDDEN}" in url and f"X-Key=key-{HIDDEN}" in url for url in urls)
    page = "".join(as_viewer.get(run.get_absolute_url(), {"request": at}).content.decode() for at in (0, 1))
    answer = client_of(workspace, Role.VIEWER).get(f"/api/v1/runs/{run.pk}/").text
    for shown in (page, answer):
        assert HIDDEN not in shown
        assert "page=42" in shown


def test_reports_are_not_masked_beyond_secrets() -> None:
    content = {
        "auth": {
            "type": "oauth2",
            "oauth2": [
                {"key": "accessTokenUrl", "value": "https://auth.example/token"},
                {"key": "tokenName", "value": "orders-token"},
                {"key": "clientSecret", "value": "the-client-secret"},
            ],
        },
        "variable": [
            {"key": "baseUrl", "value": "https://api.example"},
            {"key": "orderKey", "value": "order-2024-01"},
            {"key": "token", "value": "test"},
            {"key": "password", "value": "{{vaultPassword}}"},
            {"key": "note", "value": "a-typed-secret", "type": "secret"},
        ],
        "item": [{"request": {"header": [{"key": "Authorization", "value": "Bearer abc-def-ghi"}]}}],
    }
    assert secrets_for_reports(content) == {"the-client-secret", "a-typed-secret", "abc-def-ghi"}
