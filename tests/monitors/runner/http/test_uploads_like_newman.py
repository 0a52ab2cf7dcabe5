"""Files that a request uploads have the names and the types that they have with Newman."""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitors.runner.media_types import media_type
from tests.monitors.runner.http.newman import (
    WireForm,
    collection,
    needs_newman,
    sent_by_newman,
    sent_by_us,
    wire_form,
)
from tests.monitors.runner.http.server import RawServer
from tests.monitors.runner.parity import NODE_MODULES

Part = dict[str, Any]
ODD_NAMES = [
    *(
        "noext",
        "dir.d/noext",
        ".gitignore",
        "a.tar.gz",
        "A.JSON",
        "json",
        "x.",
        "x..",
        "a.b.yaml",
        "c.unknown",
    ),
    *("é.txt", "ü日.json", "sp ace.log", "q\"uo'te.txt", "p%25.txt", "a;b.txt", "(a)*!~.txt", "#$&+.json"),
    *("a|`^b.csv", "tab\tx.txt", "日'()*!#$&+-.^_`|~@=,;:%{}.txt"),
]
GIVEN_NAMES: list[Any] = [
    *("a.json", "b.unknown", "dir/c.yaml", "", "..", ".", "x/", "é.txt", "日.txt", "json", "/abs/p.gz"),
    *("C:\\x\\y.txt", 5, None),
]


def endings() -> list[str]:
    database = json.loads((NODE_MODULES / "mime-db" / "db.json").read_text())
    return sorted({ending for entry in database.values() for ending in entry.get("extensions", [])})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dir.d").mkdir()
    for name in [*ODD_NAMES, *(f"file.{ending}" for ending in endings())]:
        (tmp_path / name).write_text("x")
    return tmp_path


def form(url: str, *parts: Part) -> Part:
    entries = [{"key": "k", **part} for part in parts]
    return {"request": {"method": "POST", "url": url, "body": {"mode": "formdata", "formdata": entries}}}


def uploads(url: str) -> Iterator[Part]:
    yield form(url, *({"type": "file", "src": f"file.{ending}"} for ending in endings()))
    for name in ODD_NAMES:
        yield form(url, {"type": "file", "src": name})
        yield {"request": {"method": "POST", "url": url, "body": {"mode": "file", "file": {"src": name}}}}
    content = base64.b64encode(b"content").decode()
    parts: tuple[Part, ...]
    for name in GIVEN_NAMES:
        parts = (
            *(
                {"src": source}
                for source in ("noext", "file.yaml", ["file.yaml", "file.js"], None, "missing")
            ),
            {"src": "file.yaml", "contentType": "a/b"},
            {"value": content},
            {"type": "text", "value": "v"},
        )
        yield from (form(url, {"type": "file", "fileName": name, **part}) for part in parts)
    parts = (
        {"src": "file.yaml", "contentType": 5},
        {"src": []},
        {"src": ""},
        {"value": content},
        {"type": "text", "value": {"a": 1}, "contentType": "x/y"},
        {"type": "text", "value": None},
        {"type": "text", "value": 5},
    )
    yield from (form(url, {"type": "file", **part}) for part in parts)


@pytest.mark.usefixtures("no_types_of_the_machine")
@needs_newman[0]
@needs_newman[1]
def test_they_go_out_as_newman_sends_them(server: RawServer, folder: Path) -> None:
    given = collection(list(uploads(server.url)))
    newman = list(map(wire_form, sent_by_newman(server, given, workingDir=str(folder))))
    ours = list(map(wire_form, sent_by_us(server, given, files=folder)))
    for one, other in zip(ours, newman, strict=True):
        assert lines(one) == lines(other)


def lines(sent: WireForm) -> list[str]:
    _, fields, body = sent
    return [*fields.get("content-type", []), *body.split("\r\n")]


@pytest.fixture
def no_types_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_: pytest.fail("asks the machine"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openapi.yaml", "text/yaml"),
        ("dump.tar.gz", "application/gzip"),
        ("server.log", "text/plain"),
        ("pyproject.toml", "application/toml"),
        ("script.js", "application/javascript"),
        ("clip.mp4", "video/mp4"),
        ("LICENSE", None),
        ("a.unknown", None),
    ],
)
def test_the_ending_decides(name: str, expected: str | None) -> None:
    assert media_type(name) == expected
