"""Whatever is sent is answered with a 4xx and a sentence."""

import json
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from tests.factories import CONTENT, make_environment, make_monitor
from workspaces.models import Workspace

LISTS = [
    "/api/v1/collections/",
    "/api/v1/environments/",
    "/api/v1/monitors/",
    "/api/v1/vault-secrets/",
    "/api/v1/certificates/",
    "/api/v1/maintenance-windows/",
]
BODIES = {
    "nothing": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"name": "\xff"}',
    "a list": b"[1]",
    "a text": b'"text"',
    "null": b"null",
    "a number": b"5",
    "very deep": b'{"collection":' * 50_000,
    "deep and closed": b"[" * 5000 + b"]" * 5000,
    "not a number": b'{"name": NaN}',
    "an infinite number": b'{"name": 1e999}',
    "thousands of digits": b'{"name": ' + b"9" * 10_000 + b"}",
    "a NUL character": b'{"name": "a\\u0000b"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
}
VALUES: list[Any] = [None, True, 1, 1.5, 10**30, "", "x", "x" * 100_000, [], [[]], [None], {}, {"a": 1}]
SENT: dict[str, dict[str, Any]] = {
    "vault-secrets": {"key": "token", "value": "x"},
    "certificates": {"host": "a.example", "certificate": "", "key": "", "passphrase": "", "authority": ""},
    "maintenance-windows": {
        "name": "Upgrade",
        "mode": "mute",
        "scope": "workspace",
        "tag": "",
        "monitors": [],
        "timezone": "UTC",
        "starts_at": "2030-07-01T22:00:00Z",
        "ends_at": "2030-07-01T23:00:00Z",
        "cron": "",
        "duration_minutes": None,
    },
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_bad_body_is_refused(api: APIClient, path: str, body: bytes) -> None:
    response = api.post(path, body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()


@pytest.mark.parametrize("value", VALUES)
def test_no_value_of_any_field_is_answered_with_a_traceback(
    api: APIClient, workspace: Workspace, value: Any
) -> None:
    monitor, environment = make_monitor(workspace), make_environment(workspace)
    objects = {
        f"/api/v1/monitors/{monitor.pk}/": [
            "name",
            "collection",
            "environment",
            "schedule",
            "options",
            "regions",
        ],
        f"/api/v1/environments/{environment.pk}/": ["name", "values", "environment", "workspace"],
    }
    for path, fields in objects.items():
        for field in fields:
            assert api.patch(path, {field: value}).status_code in (200, 400)
    for wrapper in ("options", "schedule"):
        for field in api.get(f"/api/v1/monitors/{monitor.pk}/").json()[wrapper]:
            response = api.patch(f"/api/v1/monitors/{monitor.pk}/", {wrapper: {field: value}})
            assert response.status_code in (200, 400)
    for field in ("key", "value", "type", "enabled"):
        row = {"key": "a"} | {field: value}
        response = api.patch(f"/api/v1/environments/{environment.pk}/", {"values": [row]})
        assert response.status_code in (200, 400)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("path", ["vault-secrets", "certificates", "maintenance-windows"])
def test_nor_does_any_value_of_what_monitors_use(api: APIClient, path: str, value: Any) -> None:
    for field in SENT[path]:
        assert api.post(f"/api/v1/{path}/", SENT[path] | {field: value}).status_code in (201, 400)


@pytest.mark.parametrize("value", [None, True, 1, "x", [], [[]], {}, {"a": 1}])
def test_odd_parts_of_a_collection_are_kept_or_refused(api: APIClient, value: Any) -> None:
    odd = [
        CONTENT | {"info": value},
        CONTENT | {"item": value},
        CONTENT | {"info": {"name": value}},
        CONTENT | {"item": [{"name": value, "request": value, "event": value}]},
        CONTENT
        | {"event": [{"listen": "test", "script": {"exec": value}}], "auth": value, "variable": value},
        CONTENT | {"variable": [value, {"key": value, "value": value}], "protocolProfileBehavior": value},
    ]
    for content in odd:
        response = api.post("/api/v1/collections/", {"collection": content})
        assert response.status_code in (201, 400), json.dumps(content)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_that_is_too_large_is_refused(api: APIClient) -> None:
    response = api.post("/api/v1/collections/", {"collection": "x" * 2000})
    assert response.status_code == 413
    assert "20 MB" in response.json()["detail"]


def test_another_content_type_is_refused(api: APIClient) -> None:
    response = api.post(LISTS[0], b"name=x", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 415
