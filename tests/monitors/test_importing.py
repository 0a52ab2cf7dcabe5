"""What is taken for a collection or an environment, and what is said of everything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from monitors.importing import (
    ImportRefused,
    read_collection,
    read_environment,
    url_without_secrets,
    variables_of,
)
from monitors.outline import outline
from tests.factories import CONTENT, make_collection
from workspaces.models import Workspace

REAL_COLLECTIONS = sorted(Path("../shared/collections").glob("*.json"))
"""Collections from public repositories, where the machine has them."""


def test_the_postman_apis_wrapping_is_taken_off() -> None:
    assert read_collection(json.dumps({"collection": CONTENT})) == CONTENT
    environment = {"name": "Staging", "values": []}
    assert read_environment(json.dumps({"environment": environment})) == environment


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_collection(b"\xef\xbb\xbf" + json.dumps(CONTENT).encode()) == CONTENT
    assert read_collection("\ufeff" + json.dumps(CONTENT)) == CONTENT


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_may_be_in_utf_16(encoding: str) -> None:
    assert read_collection(json.dumps(CONTENT).encode(encoding)) == CONTENT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "not JSON"),
        (b"{", "line 1, column 2"),
        (b"\xff", "not text in UTF-8"),
        ('{"name": "Größe"}'.encode("latin-1"), "save it as UTF-8"),
        (b"$kind: http-request\nurl: https://example.com", "YAML, such as Postman 12"),
        ("$kind: http-request\nurl: https://example.com", "YAML, such as Postman 12"),
        (b"openapi: 3.1.0", "OpenAPI document in YAML"),
        (b"PK\x03\x04", "ZIP archive"),
        (b"[]", "not a JSON object"),
        (b"{}", "no `info` and `item`"),
        (b'{"openapi": "3.1.0"}', "OpenAPI"),
        (b'{"values": []}', "an environment"),
        (b'{"requests": [], "order": []}', "format v1"),
        (b"[" * 100_000, "nested more than 100 levels deep"),
        (b"[" * 200 + b"]" * 200, "nested more than 100 levels deep"),
        (b"9" * 5000, "more than 1000 digits"),
        (b'{"info": {}, "item": [], "a": 1e999}', "not finite"),
        (b'{"info": {}, "item": [], "a": "\\u0000"}', "NUL"),
        (b'{"info": {}, "item": [], "a": "\\ud800"}', "surrogate"),
        (b" " * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
    ],
    ids=range(20),
)
def test_what_is_no_collection_is_explained(text: str | bytes, told: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read_collection(text)
    assert told in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "not a JSON object"),
        ({"name": "Staging"}, "no list of values"),
        (CONTENT, "This is a collection"),
        ({"values": [{"value": "x"}]}, "Value 1 of this environment has no key"),
        ({"values": [{"key": "k" * 300}]}, "longer than 255 characters"),
    ],
)
def test_what_is_no_environment_is_explained(value: Any, told: str) -> None:
    with pytest.raises(ImportRefused, match=told):
        read_environment(json.dumps(value))


def test_variables_keep_what_postman_says_of_them() -> None:
    rows = [
        {"key": "host", "value": "https://api.example", "type": "default", "enabled": True},
        {"key": "token", "value": "hunter2", "type": "secret"},
        {"key": "off", "value": "x", "disabled": True},
        {"key": "used", "value": "y", "enabled": False},
        {"key": "count", "value": 3},
        {"key": "flags", "value": {"beta": True}},
        {"key": "nothing", "value": None},
        {"key": "", "value": ""},
    ]
    variables = variables_of({"values": rows})
    assert [(variable.key, variable.value) for variable in variables] == [
        ("host", "https://api.example"),
        ("token", "hunter2"),
        ("off", "x"),
        ("used", "y"),
        ("count", 3),
        ("flags", {"beta": True}),
        ("nothing", None),
    ]
    assert [variable.key for variable in variables if variable.is_secret] == ["token"]
    assert [variable.key for variable in variables if not variable.is_enabled] == ["off"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.com/orders.json", "https://example.com/orders.json"),
        ("https://user:password@example.com/orders.json", ""),
        ("https://example.com/orders.json?access_key=PMAT-1", ""),
        ("https://user[:password@example.com/", ""),
    ],
)
def test_an_address_is_kept_unless_it_may_hold_a_secret(url: str, kept: str) -> None:
    assert url_without_secrets(url) == kept


def test_folders_as_deep_as_they_may_be_are_shown(as_viewer: Client, workspace: Workspace) -> None:
    item: dict[str, Any] = {"name": "The request", "request": "https://api.example"}
    for _ in range(48):
        item = {"name": "folder", "item": [item]}
    content = read_collection(json.dumps(CONTENT | {"item": [item]}))
    page = as_viewer.get(make_collection(workspace, content=content).get_absolute_url())
    assert "The request" in page.content.decode()


@pytest.mark.skipif(not REAL_COLLECTIONS, reason="There are no real collections on this machine.")
def test_real_exports_are_read_and_shown() -> None:
    for path in REAL_COLLECTIONS:
        if path.name.endswith("environment.json"):
            read_environment(path.read_bytes())
        else:
            assert outline(read_collection(path.read_bytes())).request_count
