"""The differences from Newman that docs/compatibility.md names, where they can be shown."""

from __future__ import annotations

from typing import Any

import pytest

from monitors.runner import RunReport, RunResult, VariableScope, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from monitors.runner.options import RunOptions
from monitors.runner.sandbox import Zygote
from tests.monitors.runner.target import Target


def run(zygote: Zygote, target: Target, script: str, *more: dict[str, Any], **vault: str) -> RunReport:
    item = {
        "name": "it",
        "request": f"{target.url}/it",
        "event": [{"listen": "test", "script": {"exec": script}}],
    }
    loaded = load_collection({"info": {"name": "C"}, "item": [item, *more]})
    options = RunOptions(vault=vault)
    return run_collection(loaded, options=options, egress=EgressPolicy(allow_all=True), zygote=zygote)


def passed(report: RunReport) -> list[str]:
    return [found.name for entry in report.executions for found in entry.assertions if found.passed]


@pytest.mark.parametrize(
    "script",
    [
        "const r = await pm.sendRequest('{url}'); pm.test('works ' + r.code, () => {});",
        "pm.sendRequest('{url}').then((r) => pm.test('works ' + r.code, () => {}));",
        "pm.test('works 200', async () => { await null; });",
        "pm.test('works ' + structuredClone({a: 200}).a, () => {});",
        "pm.visualizer.set('<b>{{x}}</b>', {x: 1}); pm.test('works 200', () => {});",
        "pm.sendRequest('ftp://x', (error) =>"
        " pm.test('works ' + (error.message === 'Invalid protocol: ftp:' && 200), () => {}));",
        "const { test } = pm; pm.test = (name) => test(name + ' 200', () => {}); pm.test('works');",
    ],
)
def test_more_works_than_in_newman(zygote: Zygote, target: Target, script: str) -> None:
    report = run(zygote, target, script.replace("{url}", target.url))
    assert report.result is RunResult.SUCCESSFUL
    assert passed(report) == ["works 200"]


def test_scripts_and_requests_read_the_vault(zygote: Zygote, target: Target) -> None:
    script = """
        const value = await pm.vault.get('key');
        pm.test('has it', () => pm.expect(value).to.equal('stored'));
        await pm.vault.set('key', 'changed');"""
    after = {"name": "after", "request": f"{target.url}/{{{{vault:key}}}}"}
    report = run(zygote, target, script, after, key="stored")
    assert passed(report) == ["has it"]
    assert target.paths == ["/it", "/changed"]


def test_a_script_runs_another_request_with_its_scripts(zygote: Zygote, target: Target) -> None:
    script = """
        pm.environment.set('n', 1);
        const response = await pm.execution.runRequest('other', {variables: {extra: 'x'}});
        pm.test([response.code, response.json().path, pm.environment.get('n')].join(), () => {});
        pm.execution.setNextRequest(null);"""
    other = {
        "id": "other",
        "name": "Other",
        "request": f"{target.url}/other/{{{{n}}}}/{{{{extra}}}}",
        "event": [
            {"listen": "prerequest", "script": {"exec": "pm.environment.set('n', 2)"}},
            {"listen": "test", "script": {"exec": "pm.test('inner', () => {})"}},
        ],
    }
    report = run(zygote, target, script, other)
    assert report.result is RunResult.SUCCESSFUL
    assert passed(report) == ["inner", "200,/other/2/x,2"]
    assert target.paths == ["/it", "/other/2/x"]


def test_a_request_that_runs_itself_is_stopped(zygote: Zygote, target: Target) -> None:
    report = run(zygote, target, "await pm.execution.runRequest('it')")
    assert report.result is RunResult.ERROR
    assert len(target.seen) < 10


def test_running_an_unknown_request_is_an_error_for_the_script(zygote: Zygote, target: Target) -> None:
    script = "try { await pm.execution.runRequest('nope') } catch (e) { pm.test(e.message, () => {}) }"
    assert passed(run(zygote, target, script)) == ["runRequest: there is no request nope in this collection"]


def test_a_variable_with_enabled_false_is_used_as_in_newman(target: Target) -> None:
    environment = VariableScope.from_json({"values": [{"key": "v", "value": "used", "enabled": False}]})
    loaded = load_collection(
        {"info": {"name": "C"}, "item": [{"name": "it", "request": f"{target.url}/{{{{v}}}}"}]}
    )
    run_collection(loaded, environment=environment, egress=EgressPolicy(allow_all=True))
    assert target.paths == ["/used"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"proxy": {"host": "proxy.example", "port": 8080}}, ["proxy"]),
        ({"certificate": {"cert": {"src": "/etc/a.pem"}}}, ["certificate"]),
        ({"proxy": {"host": "proxy.example", "disabled": True}, "certificate": {}}, []),
    ],
)
def test_a_proxy_or_certificate_of_a_request_is_ignored_with_a_warning(
    target: Target, part: dict[str, Any], words: list[str]
) -> None:
    request = {"url": f"{target.url}/it", **part}
    loaded = load_collection({"info": {"name": "C"}, "item": [{"name": "it", "request": request}]})
    report = run_collection(loaded, egress=EgressPolicy(allow_all=True))
    assert target.paths == ["/it"]
    warnings = [line.text for line in report.console if line.level == "warn"]
    assert [word in text for word, text in zip(words, warnings, strict=True)] == [True] * len(words)


@pytest.mark.parametrize("scheme", ["ws", "wss", "grpc", "mqtt", "socket.io", "ftp", "file"])
def test_a_request_of_another_protocol_is_an_error_that_says_so(target: Target, scheme: str) -> None:
    address = f"{scheme}://{target.url.partition('://')[2]}/"
    loaded = load_collection({"info": {"name": "C"}, "item": [{"name": "it", "request": address}]})
    report = run_collection(loaded, egress=EgressPolicy(allow_all=True))
    assert report.result is RunResult.ERROR
    (error,) = [entry.error for entry in report.executions]
    assert error
    assert error.message == f"Invalid protocol: {scheme}:"
    assert "Only http:// and https:// are sent" in error.explanation
    assert target.paths == []


def test_a_graphql_subscription_is_sent_like_a_query(target: Target) -> None:
    body = {"mode": "graphql", "graphql": {"query": "subscription { a }"}}
    request = {"method": "POST", "url": f"{target.url}/graphql", "body": body}
    loaded = load_collection({"info": {"name": "C"}, "item": [{"name": "it", "request": request}]})
    run_collection(loaded, egress=EgressPolicy(allow_all=True))
    assert [seen.body for seen in target.seen] == [b'{"query":"subscription { a }"}']
