"""What is too large, too deep or too much is refused before it is read, or before anything is made of it."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from config.request_limits import MAX_ANONYMOUS_BYTES
from monitors.models import Environment
from monitors.models.environments import MAX_VARIABLES
from tests.conftest import client_of
from tests.factories import make_environment
from workspaces.json_values import MAX_VALUES, parse_json
from workspaces.models import Role, Workspace

MB = 1024 * 1024
FORMS = ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]


@pytest.fixture
def api(workspace: Workspace) -> APIClient:
    return client_of(workspace, Role.EDITOR)


class Untouched(io.RawIOBase):
    """A body that fails the test when anybody reads it."""

    def read(self, size: int = -1) -> bytes:
        pytest.fail("The body was read.")


def send(client: Client, path: str, size: int, content_type: str, method: str = "POST") -> Any:
    body = {"wsgi.input": Untouched(), "CONTENT_LENGTH": str(size)}
    return client.generic(method, path, b"", content_type, **body)  # type: ignore[arg-type]


PATHS = [
    "/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/admin/login/",
    "/w/acme/collections/import/",
    "/w/acme/settings/certificates/add/",
    "/integrations/pagerduty/add/",
    "/api/v1/collections/",
    "/api/schema/",
    "/nowhere/",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("content_type", [*FORMS, "application/json"])
def test_nobody_makes_postwatch_read_300_mb(
    as_owner: Client, workspace: Workspace, path: str, content_type: str
) -> None:
    for client in (Client(), as_owner):
        answer = send(client, path, 300 * MB, content_type)
        assert answer.status_code == 413
        assert "This is larger than 21 MB. Send less at once." in answer.content.decode()


@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("path", [path for path in PATHS if not path.startswith("/api/")])
def test_a_stranger_uploads_nothing(db: None, path: str, content_type: str) -> None:
    """Neither for the sake of the CSRF token nor for a session that does not exist."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = "nobodyssessionnobodyssession1234"
    answer = send(client, path, MAX_ANONYMOUS_BYTES + 1, content_type)
    assert answer.status_code == 413
    assert "larger than 64 KB" in answer.content.decode()


def test_the_api_reads_nothing_before_it_knows_the_key(db: None) -> None:
    for client in (APIClient(), APIClient(HTTP_X_API_KEY="pw_unknown")):
        assert send(client, "/api/v1/collections/", 20 * MB, "application/json").status_code == 401


def test_a_length_that_is_no_number_is_no_body(db: None) -> None:
    for length in ("abc", "-5", "9" * 30, "1e9", "٣"):
        answer = Client().generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=length)
        assert answer.status_code in (200, 400, 403, 413)


def test_forms_have_no_more_fields_than_the_largest_page(as_owner: Client, workspace: Workspace) -> None:
    many = "&".join(f"a{number}=" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    answer = as_owner.post("/w/acme/environments/add/", many, FORMS[1])
    assert answer.status_code == 400
    files = {f"file{number}": SimpleUploadedFile("a.json", b"{}") for number in range(11)}
    assert as_owner.post("/w/acme/collections/import/", files).status_code == 400


def test_the_editor_keeps_as_many_variables_as_an_environment_may_have(
    as_owner: Client, workspace: Workspace
) -> None:
    environment = make_environment(workspace)
    fields: dict[str, Any] = {"name": "Large", "variables-TOTAL_FORMS": MAX_VARIABLES + 1}
    fields |= {"variables-INITIAL_FORMS": 0}
    for row in range(MAX_VARIABLES):
        texts = {"stored": "", "key": f"k{row}", "value": "v", "kind": "text", "is_enabled": "on"}
        fields |= {f"variables-{row}-{name}": text for name, text in texts.items()}
    answer = as_owner.post(environment.get_absolute_url(), fields)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert environment.variables.count() == MAX_VARIABLES


@pytest.mark.parametrize(
    "wrap",
    [
        lambda values: {"name": "Large", "values": values},
        lambda values: {"environment": {"name": "Large", "values": values}},
    ],
    ids=["own", "Postman's"],
)
def test_an_environment_has_no_more_variables(api: APIClient, workspace: Workspace, wrap: Any) -> None:
    rows = [{"key": f"k{number}", "value": "v"} for number in range(MAX_VARIABLES + 1)]
    answer = api.post("/api/v1/environments/", wrap(rows))
    assert answer.status_code == 400
    assert "1000" in answer.content.decode().replace(",", "")
    assert not Environment.objects.exists()
    assert api.post("/api/v1/environments/", wrap(rows[1:])).status_code == 201


MANY = {
    "empty objects": b"{},",
    "numbers": b"1,",
    "lists in lists": b"[[]],",
    "objects with a member": b'{"a":1},',
}


@pytest.mark.parametrize("item", MANY.values(), ids=MANY.keys())
def test_19_mb_of_small_values_are_never_made(api: APIClient, workspace: Workspace, item: bytes) -> None:
    body = b'{"name":"Large","values":[' + item * (19 * MB // len(item)) + b"null]}"
    tracemalloc.start()
    try:
        answer = api.generic("POST", "/api/v1/environments/", body.decode(), "application/json")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 400
    assert "250,000 values" in answer.json()["detail"]
    assert peak < 8 * len(body)  # copies of the text; its values would take twenty and more


def test_as_many_values_as_allowed_are_refused_by_the_field_that_takes_fewer(
    api: APIClient, workspace: Workspace
) -> None:
    bodies = [
        {"name": "x", "values": [{}] * (MAX_VALUES // 2)},
        {f"field {number}": 1 for number in range(MAX_VALUES // 2)},
        {"name": "x", "monitors": ["00000000-0000-0000-0000-000000000000"] * 10_000},
        {"collection": [{}] * (MAX_VALUES // 2)},
        {"tags": ["a"] * (MAX_VALUES // 2)},
    ]
    for path in ("environments", "maintenance-windows", "collections", "monitors"):
        for body in bodies:
            answer = api.post(f"/api/v1/{path}/", body)
            assert answer.status_code == 400
            assert len(answer.content) < MB


def test_an_import_by_file_or_by_paste_is_counted_too(as_owner: Client, workspace: Workspace) -> None:
    text = '{"info": {}, "item": [' + "{}," * MAX_VALUES + "{}]}"
    for kind in ("collections", "environments"):
        for field in ({"text": text}, {"file": SimpleUploadedFile("large.json", text.encode())}):
            answer = as_owner.post(f"/w/acme/{kind}/import/", field)
            assert answer.status_code == 422
            assert "more than 250,000 values" in answer.content.decode()


def test_commas_in_a_script_are_no_values() -> None:
    script = ['f(1, 2, [3], {a: "quoted"});\n' * 100_000]
    assert parse_json(json.dumps(script)) == script
