from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitors.runner import CollectionError, VariablesError, load_collection, load_variables
from monitors.runner.model import Folder

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"info": {"name": "C", "schema": SCHEMA}, "item": list(items), **more}


def script(listen: str, source: str | list[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"exec": source}}


def test_it_lists_requests_in_order_with_the_names_of_their_folders() -> None:
    inner = {"name": "inner", "item": [{"name": "deep", "request": "http://h/"}]}
    loaded = load_collection(
        collection({"name": "outer", "item": [inner]}, {"name": "last", "request": "http://h/"})
    )
    assert [(item.name, item.folders) for item in loaded.items] == [
        ("deep", ("outer", "inner")),
        ("last", ()),
    ]
    assert isinstance(loaded.children[0], Folder)


def test_scripts_are_inherited_from_collection_and_folders() -> None:
    request = {"name": "r", "request": "http://h/", "event": [script("test", ["own", "lines"])]}
    folder = {"name": "f", "item": [request], "event": [script("test", "folder")]}
    loaded = load_collection(
        collection(folder, event=[script("test", "collection"), script("prerequest", "p")])
    )
    (item,) = loaded.items
    sources = [(found.source, found.owner) for found in item.scripts_for("test")]
    assert sources == [("collection", "C"), ("folder", "f"), ("own\nlines", "r")]
    assert loaded.has_scripts


@pytest.mark.parametrize("empty", ["", [], ["", "  "], None])
def test_an_empty_script_is_ignored(empty: Any) -> None:
    loaded = load_collection(
        collection({"name": "r", "request": "http://h/", "event": [script("test", empty)]})
    )
    assert not loaded.has_scripts


def test_behavior_is_inherited_and_overridden_by_name() -> None:
    request = {
        "name": "r",
        "request": "http://h/",
        "protocolProfileBehavior": {"followRedirects": True},
    }
    folder = {
        "name": "f",
        "item": [request],
        "protocolProfileBehavior": {"followRedirects": False, "maxRedirects": 3},
    }
    (item,) = load_collection(collection(folder)).items
    assert item.behavior == {"followRedirects": True, "maxRedirects": 3}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_unwraps_responses_of_the_postman_api(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "collection.json"
    path.write_text(json.dumps({"collection": collection()}), encoding)
    assert load_collection(path).name == "C"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "not a JSON object"),
        ({"requests": [], "order": []}, "format v1: export it from Postman as Collection v2.1"),
        ({"name": "env", "values": []}, "an environment, not a collection"),
        ({"info": {}}, "no `info` and `item`"),
        ({"item": []}, "no `info` and `item`"),
    ],
)
def test_other_json_than_a_collection_gets_a_sentence(data: Any, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps(data))
    with pytest.raises(CollectionError, match=sentence):
        load_collection(path)


def test_a_missing_file_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="There is no file"):
        load_collection(tmp_path / "none.json")


YAML = b"""$kind: http-request
url: https://example.com
method: GET
"""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>", "is not JSON: Expecting value at line 1, column 1"),
        (b"", "is not JSON"),
        ('{"name": "Größe"}'.encode("latin-1"), "not text in UTF-8 or UTF-16: save it as UTF-8"),
        (b"{\xff\xfe", "not text in UTF-8 or UTF-16"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number of more than 1000 digits"),
        (b'{"a": NaN}', "the word NaN, which is no number in JSON"),
        (b"[" * 100_000, "nested too deep"),
        (YAML, "YAML, such as Postman 12 keeps collections in. Export it from Postman as JSON"),
        (b"openapi: 3.1.0\ninfo: {}", "OpenAPI document in YAML"),
        (b"PK\x03\x04...", "ZIP archive"),
    ],
    ids=range(10),
)
def test_a_file_that_is_not_json_gets_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(VariablesError) as refused:
        load_variables(path)
    assert sentence in str(refused.value)
    assert "sys." not in str(refused.value)


def test_a_folder_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="is a folder, such as Postman 12 keeps collections in"):
        load_collection(tmp_path)


def test_variables_come_as_an_export_or_a_plain_list() -> None:
    values = [{"key": "a", "value": 1}]
    for given in ({"name": "e", "values": values}, values, {"environment": {"values": values}}):
        found = load_variables(given).find("a")
        assert found is not None
        assert found.value == 1


def test_other_json_than_variables_gets_a_sentence() -> None:
    with pytest.raises(VariablesError, match="not an environment"):
        load_variables(collection())
    with pytest.raises(VariablesError, match="not a set of globals"):
        load_variables({}, "globals")
