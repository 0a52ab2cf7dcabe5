"""Header text, halves of surrogate pairs and names that are missing: as with Newman."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from monitors.runner.javascript import json_text, well_formed
from tests.monitors.runner.http.newman import (
    assert_same_wire,
    collection,
    needs_newman,
    reported_by_newman,
    reported_by_us,
)
from tests.monitors.runner.http.server import RawServer

pytestmark = needs_newman

Json = dict[str, Any]
HEADER_TEXTS = [
    *("A: 1\n// C: 3\nB: 2", "A: 1\r\nB: 2\r\n", "A: 1\n//C: 3", "bad name: 1\nB: 2", "no colon\nB: 2"),
    *(": empty\nB: 1", "A:\nB: 1", "A: 1\n\nB: 2", "A : 1", "  A: 1", "A: 1\n continued", "// A: 1", "A:b:c"),
    *(
        " // A: 1",
        "A: // 1",
        "A: a:b:c",
        "A: {{v}}",
        "A: 1\rB: 2",
        "A: x\u2028B: 2",
        "A: 1\r\n folded\r\nB: 2",
    ),
    *("A: x\x0bB: 2", "", "\n", "A: 1\tB: 2"),
]
HALVES = ["a\ud83db", "\ude00", "\ude00\ud83d"]
PAIR = "\ud83d\ude00"


def seeing(script: str, **item: Any) -> Json:
    return {**item, "event": [{"listen": "test", "script": {"exec": f"pm.test({script}, () => {{}})"}}]}


def test_header_text_is_read_line_by_line(server: RawServer) -> None:
    shown = "JSON.stringify(pm.request.headers.filter((one) => !one.system))"
    items = [seeing(shown, request={"url": server.url, "header": text}) for text in HEADER_TEXTS]
    given = collection(items, variable=[{"key": "v", "value": "filled"}])
    assert reported_by_us(given) == reported_by_newman(given)
    assert_same_wire(server, items, variable=[{"key": "v", "value": "filled"}])


def with_halves(url: str) -> Iterator[Json]:
    for text in HALVES:
        yield {"url": f"{url}/p{text}/q?x={text}#{text}"}
        yield {"url": url, "header": [{"key": "X-Half", "value": text}]}
        yield {"url": f"{url.replace('://', f'://us{text}:pw@')}/"}
        for body in (
            {"mode": "raw", "raw": text},
            {"mode": "formdata", "formdata": [{"key": text, "value": text}]},
            {"mode": "graphql", "graphql": {"query": text, "variables": {"a": text}}},
        ):
            yield {"url": url, "method": "POST", "body": body}
        yield {"url": url, "auth": {"type": "basic", "basic": {"username": text, "password": text}}}
        in_query = {"key": "k", "value": text, "in": "query"}
        yield {"url": url, "auth": {"type": "apikey", "apikey": in_query}}


def test_half_a_surrogate_pair_is_a_replacement_character(server: RawServer) -> None:
    assert_same_wire(server, [{"request": request} for request in with_halves(server.url)])


def test_a_form_with_half_a_pair_is_sent_all_the_same(server: RawServer) -> None:
    """Node pairs it with the letter that follows, and gives up where none does."""
    fields = [{"key": "a", "value": "x\ud83d"}]
    body = {"mode": "urlencoded", "urlencoded": fields}
    reported_by_us(collection([{"request": {"url": server.url, "method": "POST", "body": body}}]))
    assert server.last.body == b"a=x%EF%BF%BD"


def test_halves_that_meet_are_one_character() -> None:
    assert well_formed(PAIR) == "😀"
    assert json_text(["\ud83d", PAIR]) == '["\\ud83d","😀"]'


def test_a_request_without_a_name_has_none_for_scripts(server: RawServer) -> None:
    script = "[typeof pm.info.requestName, JSON.stringify(pm.execution.location)].join()"
    given = collection([])
    for name in (None, "", 0, False):
        inner = seeing(script, request=server.url, name=name)
        given["item"] += [inner, {"name": name, "item": [inner]}]
    newman, ours = reported_by_newman(given), reported_by_us(given)
    assert [one["assertions"] for one in ours] == [one["assertions"] for one in newman]


@pytest.mark.parametrize("wanted", ["''", "'named'"])
def test_the_next_request_is_never_one_without_a_name(server: RawServer, wanted: str) -> None:
    script = {"listen": "test", "script": {"exec": f"pm.execution.setNextRequest({wanted})"}}
    given = collection([{"request": server.url, "event": [script], "name": "first"}])
    stop = {"listen": "test", "script": {"exec": "pm.execution.setNextRequest(null)"}}
    given["item"] += [{"request": f"{server.url}/unnamed", "event": [stop]}]
    given["item"] += [{"request": f"{server.url}/named", "name": "named"}]
    assert len(reported_by_us(given)) == len(reported_by_newman(given))
