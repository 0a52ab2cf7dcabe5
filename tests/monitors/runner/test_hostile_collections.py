"""A collection must not block its worker or fill the worker's memory."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitors.runner import (
    CollectionError,
    RunOptions,
    RunReport,
    VariableScope,
    load_collection,
    run_collection,
)
from monitors.runner.http import EgressPolicy
from monitors.runner.http.auth.json_web_token import with_lines
from monitors.runner.sandbox import Zygote
from monitors.runner.url import QueryParam, Url
from monitors.runner.variables import Resolver
from tests.monitors.runner.target import Target

ANYWHERE = EgressPolicy(allow_all=True)
MANY = 200_000

SLOW_TO_READ: dict[str, Callable[[], object]] = {
    "a variable without an end in a URL": lambda: Url.parse("http://host/{{" + "." * MANY),
    "a variable without an end in a query": lambda: str(QueryParam("key", "{{" + "&" * MANY)),
    "many variables without an end": lambda: Url.parse("http://host/" + "{{a." * MANY),
    "many path variables": lambda: str(
        Url.from_json(
            {
                "path": [f":{n}" for n in range(MANY // 4)],
                "variable": [{"key": str(n), "value": "x"} for n in range(MANY // 4)],
            }
        )
    ),
    "a key that only begins": lambda: with_lines("-----BEGIN A-----" * MANY),
    "many variables": lambda: VariableScope().apply({"stream": [[str(n), n] for n in range(MANY // 4)]}),
    "variables set and unset": lambda: VariableScope().apply(
        {"stream": [[str(n), n] for n in range(MANY // 8)] + [[str(n)] for n in range(MANY // 8)]}
    ),
}


@pytest.mark.parametrize("name", SLOW_TO_READ)
def test_it_is_loaded_quickly(name: str) -> None:
    started = time.process_time()
    SLOW_TO_READ[name]()
    assert time.process_time() - started < 2


def test_variables_that_multiply_are_the_requests_error(target: Target) -> None:
    """Each variable refers to the next one ten times: that is ten to the power of eighteen words."""
    variables = [{"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}" * 10} for n in range(18)]
    report = run_url(f"{target.url}/{{{{v0}}}}", variables)
    error = report.executions[0].error
    assert error is not None
    assert error.message == "The request's variables come to more than 20000000 characters"
    assert target.seen == []


def test_a_long_unterminated_string_in_a_body_does_not_delay_the_run(target: Target) -> None:
    body = {"mode": "raw", "raw": '"\\' * 500_000 + "//", "options": {"raw": {"language": "json"}}}
    items = [{"name": "one", "request": {"method": "POST", "url": target.url, "body": body}}]
    loaded = load_collection({"info": {"name": "Hostile"}, "item": items})
    started = time.process_time()
    run_collection(loaded, egress=ANYWHERE)
    assert time.process_time() - started < 5
    assert target.seen[0].body == b'"\\' * 500_000 + b"//"


def test_a_url_may_contain_the_placeholders_of_its_variables() -> None:
    text = "http://host/\U000f0001/{{a.b}}/\U000ffffd/" + "{{a.b}}" * 70_000
    assert str(Url.parse(text)) == text


def nested(depth: int) -> dict[str, Any]:
    item: dict[str, Any] = {"name": "one", "request": "http://host/"}
    for _ in range(depth):
        item = {"name": "folder", "item": [item]}
    return item


def scripts(count: int) -> list[dict[str, Any]]:
    return [{"listen": "test", "script": {"exec": "1"}}] * count


TOO_LARGE: dict[str, tuple[dict[str, Any], str]] = {
    "requests": ({"item": [{"name": "one"}] * 20_001}, "more than 20000 folders and requests"),
    "folders": (
        {"item": [{"name": "one", "item": [{}] * 200}] * 200},
        "more than 20000 folders and requests",
    ),
    "depth": ({"item": [nested(500)]}, "nested more than 100 deep"),
    "scripts": (
        {"item": [{"name": "one", "event": scripts(1)}], "event": scripts(100)},
        "more than 100 scripts",
    ),
    "scripts of folders": (
        {"item": [{"name": "folder", "item": [{"name": "one", "event": scripts(60)}], "event": scripts(60)}]},
        "“one” has more than 100 scripts",
    ),
    "behavior": (
        {"item": [], "protocolProfileBehavior": {str(number): True for number in range(101)}},
        "more than 100 members",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_collection_that_would_fill_the_workers_memory_is_refused(name: str) -> None:
    content, says = TOO_LARGE[name]
    with pytest.raises(CollectionError, match=says):
        load_collection({"info": {"name": "Hostile"}, **content})


def test_a_collection_at_the_limits_is_loaded() -> None:
    item = nested(100) | {"event": scripts(50)}
    loaded = load_collection({"info": {"name": "Large"}, "item": [item], "event": scripts(50)})
    assert [len(one.scripts) for one in loaded.items] == [100]


BOMBS = {
    "names of tests": "pm.test('x'.repeat(1e6), () => {});",
    "errors of tests": "pm.test('x', () => { throw new Error('x'.repeat(1e6)); });",
    "errors": "setTimeout(() => { throw new Error('x'.repeat(1e6)); });",
    "many tests": "for (let i = 0; i < 5000; i++) { pm.test('x'.repeat(500), () => {}); }",
    "URLs": "pm.sendRequest('http://localhost/' + 'x'.repeat(1e6), () => {});",
    "lines of the console": "for (let i = 0; i < 200; i++) { console.log('x'.repeat(10000)); }",
    "cookies": "pm.cookies.jar().set('http://localhost/', 'c' + Math.random(), 'x'.repeat(1e6), () => {});",
    "secrets": "await pm.vault.set('s' + Math.random(), 'x'.repeat(1e6)).catch(() => {});",
}


LOOP = """
    const turn = (pm.environment.get('turn') || 0) + 1;
    pm.environment.set('turn', turn);
    pm.execution.setNextRequest(turn < 160 ? 'one' : null);
"""


@pytest.mark.timeout(400)  # 160 megabytes go through the pipe: half a minute on an idle machine
@pytest.mark.parametrize("name", BOMBS)
def test_a_loop_does_not_accumulate_the_output_of_its_script(
    zygote: Zygote, target: Target, name: str
) -> None:
    """About a megabyte for each request, including messages that are still being transferred."""
    event = {"listen": "test", "script": {"exec": BOMBS[name] + LOOP}}
    items = [{"name": "one", "request": {"url": target.url}, "event": [event]}]
    loaded = load_collection({"info": {"name": "Hostile"}, "item": items})
    tracemalloc.start()
    try:
        run_collection(loaded, egress=ANYWHERE, zygote=zygote)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def test_one_variable_may_be_long() -> None:
    scope = VariableScope.from_json({"values": [{"key": "body", "value": "x" * 10_000_000}]})
    assert len(Resolver([scope]).text("{{body}}")) == 10_000_000


def test_the_requests_that_a_script_runs_are_limited(
    zygote: Zygote, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.runner.script_host.MAX_SCRIPT_REQUESTS", 5)
    event = {"listen": "test", "script": {"exec": "for (;;) { await pm.execution.runRequest('two'); }"}}
    items = [
        {"name": "one", "request": {"url": target.url}, "event": [event]},
        {"name": "two", "request": {"url": target.url}},
    ]
    loaded = load_collection({"info": {"name": "Hostile"}, "item": items})
    report = run_collection(loaded, egress=ANYWHERE, zygote=zygote)
    (error,) = report.executions[0].script_errors
    assert error.message == "The scripts of one request may send at most 5 requests"
    assert len(report.executions[0].sent) == 5


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "folder/../../secret", "link", "folder", "a\0b", "", "x" * 5000, "pipe"],
)
def test_no_file_outside_the_operators_folder_can_be_uploaded(
    target: Target, tmp_path: Path, name: str
) -> None:
    files = tmp_path / "files"
    (files / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("hunter2-hunter2")
    (files / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(files / "pipe")
    body = {"mode": "file", "file": {"src": name}}
    items = [{"name": "one", "request": {"method": "POST", "url": target.url, "body": body}}]
    loaded = load_collection({"info": {"name": "Hostile"}, "item": items})
    report = run_collection(loaded, egress=ANYWHERE, options=RunOptions(files=files))
    assert report.error is None
    assert [seen.body for seen in target.seen] == [b""]


def run_url(url: str, variables: list[dict[str, str]]) -> RunReport:
    items = [{"name": "one", "request": {"method": "GET", "url": url}}]
    loaded = load_collection({"info": {"name": "Hostile"}, "item": items, "variable": variables})
    return run_collection(loaded, egress=ANYWHERE)
