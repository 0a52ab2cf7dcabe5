"""Results, limits, retries and secrets: what monitors need beyond Newman's features."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from monitors.runner import RunOptions, RunReport, RunResult, VariableScope, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from monitors.runner.report import ConsoleEntry, Execution
from monitors.runner.sandbox import SandboxFailed, Zygote
from tests.monitors.runner.http.server import RawServer, response
from tests.monitors.runner.target import Target

Run = Callable[..., RunReport]
ANYWHERE = EgressPolicy(allow_all=True)


def item(name: str, url: str, test: str = "", before: str = "", **request: Any) -> dict[str, Any]:
    events = [("prerequest", before), ("test", test)]
    return {
        "name": name,
        "request": {"method": "GET", "url": url, **request},
        "event": [{"listen": listen, "script": {"exec": source}} for listen, source in events if source],
    }


def collection(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"info": {"name": "Shop"}, "item": list(items), **more}


def console(report: RunReport, *levels: str) -> list[str]:
    return [entry.text for entry in report.console if entry.level in levels]


class NoSandbox(Zygote):
    def connect(self) -> NoReturn:
        raise SandboxFailed("no sandbox may be opened")


def test_a_collection_without_scripts_opens_no_sandbox(target: Target) -> None:
    loaded = load_collection(collection(item("plain", target.url)))
    report = run_collection(loaded, egress=ANYWHERE, zygote=NoSandbox())
    assert report.result is RunResult.SUCCESSFUL


def test_a_sandbox_that_is_lost_is_the_runs_error(target: Target) -> None:
    loaded = load_collection(collection(item("one", target.url, "pm.test('x', () => {})")))
    report = run_collection(loaded, egress=ANYWHERE, zygote=NoSandbox())
    assert (report.result, report.error) == (RunResult.ERROR, "no sandbox may be opened")
    assert len(report.executions) == 1


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("pm.test('fine', () => {})", RunResult.SUCCESSFUL),
        ("pm.test.skip('skipped', () => {})", RunResult.SUCCESSFUL),
        ("pm.test('wrong', () => pm.expect(1).to.equal(2))", RunResult.FAILURE),
        ("throw new Error('outside of a test')", RunResult.ERROR),
        ("setTimeout(() => { throw new Error('late') }, 1)", RunResult.ERROR),
        ("Promise.reject(new Error('nobody caught it'))", RunResult.ERROR),
        ("pm.test('wrong', () => pm.expect(1).to.equal(2)); throw 1", RunResult.ERROR),
    ],
)
def test_the_scripts_decide_the_result(run: Run, target: Target, script: str, result: RunResult) -> None:
    assert run(item("one", target.url, script)).result is result


def test_a_request_without_a_response_is_an_error_and_the_run_continues(run: Run, target: Target) -> None:
    report = run(item("refused", "http://127.0.0.1:9/"), item("next", target.url))
    first, second = report.executions
    assert report.result is RunResult.ERROR
    assert first.error is not None
    assert first.error.code == "ECONNREFUSED"
    assert second.response is not None


def test_an_error_status_alone_is_no_failure(run: Run, target: Target) -> None:
    assert run(item("one", f"{target.url}/status/500")).result is RunResult.SUCCESSFUL


def test_a_run_is_aborted_when_its_time_is_over(run: Run, target: Target) -> None:
    started = time.monotonic()
    report = run(
        item("slow", f"{target.url}/delay/60000"),
        item("never", target.url),
        options=RunOptions(timeout_ms=300),
    )
    assert report.result is RunResult.ABORT
    assert report.error == "The run was ended after 0.3 seconds."
    assert [execution.item_name for execution in report.executions] == ["slow"]
    assert time.monotonic() - started < 30


def test_a_script_cannot_outlast_the_run(run: Run, target: Target) -> None:
    started = time.monotonic()
    report = run(item("busy", target.url, "for (;;) {}"), options=RunOptions(timeout_ms=700))
    assert report.result is RunResult.ABORT
    assert time.monotonic() - started < 30


def test_a_delay_is_cut_short_by_the_end_of_the_run(run: Run, target: Target) -> None:
    started = time.monotonic()
    report = run(item("one", target.url), options=RunOptions(timeout_ms=200, delay_ms=60_000))
    assert report.result is RunResult.ABORT
    assert time.monotonic() - started < 30
    assert not target.seen


def test_it_waits_before_each_request(run: Run, target: Target) -> None:
    report = run(item("one", target.url), item("two", target.url), options=RunOptions(delay_ms=60))
    assert report.duration_ms >= 120


def test_an_endless_loop_of_requests_is_ended(
    run: Run, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.runner.context.MAX_EXECUTIONS", 5)
    report = run(item("again", target.url, "pm.execution.setNextRequest('again')"))
    assert report.result is RunResult.ABORT
    assert len(report.executions) == 5


def test_a_failed_request_is_retried_and_the_first_failure_is_kept(run: Run, target: Target) -> None:
    test = "pm.test('up', () => pm.response.to.have.status(200))"
    report = run(item("flaky", f"{target.url}/flaky/1", test), options=RunOptions(retries=2))
    first, second = report.executions
    assert report.result is RunResult.SUCCESSFUL
    assert (first.attempt, first.retried, len(first.failed_assertions)) == (1, True, 1)
    assert (second.attempt, second.retried, len(second.failed_assertions)) == (2, False, 0)
    assert report.totals.failed_assertions == 0
    assert report.totals.requests == 2
    assert "Rerunning flaky (attempt 2)" in console(report, "stage")


def test_retries_end_and_the_last_attempt_decides(run: Run, target: Target) -> None:
    test = "pm.test('up', () => pm.response.to.have.status(200))"
    report = run(item("down", f"{target.url}/status/503", test), options=RunOptions(retries=2))
    assert report.result is RunResult.FAILURE
    assert [execution.retried for execution in report.executions] == [True, True, False]


@pytest.mark.parametrize(("allowed", "attempts"), [(False, 1), (True, 2)])
def test_unsafe_methods_are_retried_only_if_the_run_allows_it(
    run: Run, target: Target, allowed: bool, attempts: int
) -> None:
    test = "pm.test('up', () => pm.response.to.have.status(200))"
    options = RunOptions(retries=1, retry_unsafe_methods=allowed)
    run(item("order", f"{target.url}/status/500", test, method="POST"), options=options)
    assert len(target.seen) == attempts


def test_variables_revert_after_the_run(run: Run, target: Target) -> None:
    environment = VariableScope.from_json({"values": [{"key": "a", "value": "before"}]})
    change = "pm.environment.set('a', 'after'); pm.globals.set('g', 1);"
    run(item("change", target.url, change), environment=environment)
    run(item("read", f"{target.url}/{{{{a}}}}/{{{{g}}}}"), environment=environment)
    assert target.paths[-1] == "/before/%7B%7Bg%7D%7D"


def test_runs_side_by_side_share_nothing(run: Run, target: Target) -> None:
    reports: list[RunReport] = []

    def one(number: int) -> None:
        before = f"pm.globals.set('n', {number}); pm.cookies.jar().set('{target.url}', 'c', '{number}')"
        test = f"pm.test('own', () => pm.expect(pm.response.json().headers.cookie).to.equal('c={number}'))"
        reports.append(run(item("mine", f"{target.url}/{{{{n}}}}", test, before)))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.result for report in reports] == [RunResult.SUCCESSFUL] * 4
    assert sorted(target.paths) == ["/0", "/1", "/2", "/3"]


def test_secrets_are_masked_everywhere_in_the_report(run: Run, target: Target) -> None:
    value = 'p@ss "wörd"&1'
    environment = VariableScope.from_json({"values": [{"key": "key", "value": value}]})
    test = """
        const key = pm.environment.get('key');
        console.log(key, {key}, encodeURIComponent(key));
        pm.test('named ' + key, () => pm.expect(key).to.equal('x'));
        throw new Error('it is ' + key);"""
    report = run(
        item("named {{key}}", f"{target.url}/{{{{key}}}}?q={{{{key}}}}", test),
        item("refused", "http://{{key}}:9/"),
        environment=environment,
        secrets={value},
    )
    text = repr(report)
    for part in ("p@ss", "wörd", "w%C3%B6rd", "p%40ss"):
        assert part not in text
    assert "*****" in text
    assert value.split()[0] in repr(target.seen[0].target.replace("%20", " ")).replace("%22", '"')


def test_what_scripts_put_into_a_secret_variable_is_masked_before_and_after(run: Run, target: Target) -> None:
    log_in = "console.log('fresh-token-1'); pm.environment.set('token', 'fresh-token-1');"
    shout = (
        "pm.test('in', () => pm.expect('fresh-token-1').to.equal('x')); pm.globals.set('token', 'other-2');"
    )
    report = run(
        item("fresh-token-1", f"{target.url}/fresh-token-1", log_in),
        item("use", f"{target.url}/{{{{token}}}}", shout),
        item("more", f"{target.url}/other-2", "throw new Error('other-2')"),
        environment=VariableScope.from_json({"values": [{"key": "token", "value": ""}]}),
        secret_keys={"token"},
    )
    assert target.paths == ["/fresh-token-1", "/fresh-token-1", "/other-2"]
    assert "fresh-token" not in repr(report)
    assert "other-2" not in repr(report)
    assert console(report, "log") == ["*****"]


def test_a_variable_of_the_type_secret_is_masked(run: Run, target: Target) -> None:
    values = [{"key": "token", "value": "kept-in-a-file", "type": "secret"}]
    report = run(
        item("one", target.url, "console.log(pm.environment.get('token'))"),
        environment=VariableScope.from_json({"values": values}),
    )
    assert console(report, "log") == ["*****"]


def test_what_scripts_put_into_the_vault_is_masked(run: Run, target: Target) -> None:
    script = "await pm.vault.set('key', 'vault-of-today'); console.log(await pm.vault.get('key'));"
    report = run(item("one", target.url, script))
    assert console(report, "log") == ["*****"]


def test_endless_new_secrets_are_masked_in_reasonable_time(run: Run, target: Target) -> None:
    tokens = "for (let i = 0; i < 200; i++) await pm.vault.set(`k${i}`, `${i}-`.repeat(2000));"
    lines = "for (let i = 0; i < 4000; i++) console.log('line', i, 'of', 4000);"
    started = time.monotonic()
    report = run(item("one", target.url, f"{tokens} {lines}"))
    assert len(console(report, "log")) == 4000
    assert time.monotonic() - started < 30


def test_the_progress_of_a_run_is_masked(run: Run, target: Target) -> None:
    entries: list[Execution | ConsoleEntry] = []
    run(
        item("one", f"{target.url}/hunter2", "console.log('hunter2')"),
        secrets={"hunter2"},
        progress=entries.append,
    )
    assert len([entry for entry in entries if isinstance(entry, Execution)]) == 1
    assert "hunter2" not in repr(entries)


def test_the_console_shows_stages_and_failures_but_no_bodies(run: Run, target: Target) -> None:
    body = {"mode": "raw", "raw": "body-of-the-request"}
    test = "console.warn('careful', 1); pm.test('wrong', () => pm.expect(1).to.equal(2));"
    report = run(
        item("one", target.url, test, method="POST", body=body, header=[{"key": "X-H", "value": "head"}])
    )
    assert console(report, "stage") == ["Preparing run", "Running Shop", "Result: failure"]
    assert console(report, "warn") == ["careful 1"]
    assert console(report, "failed") == ["wrong: expected 1 to equal 2"]
    assert "body-of-the-request" not in repr(report)
    assert "head" not in console(report, "log")


def test_a_script_reads_nodes_error_for_a_reset_connection(run: Run, target: Target) -> None:
    def reset(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=reset, args=[listener], daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        script = f"pm.sendRequest('{url}', ({{errno, code, syscall}}) => console.log(errno, code, syscall))"
        report = run(item("one", target.url, script))
    assert console(report, "log") == ["-104 ECONNRESET read"]


@pytest.mark.parametrize(
    ("status_line", "text"),
    [
        ("422", "Unprocessable Entity (WebDAV) (RFC 4918)"),
        ("404 ", "Not Found"),
        ("499", "Client Closed Request"),
        ("404 Gone Fishing", "Gone Fishing"),
    ],
)
def test_without_a_status_text_from_the_server_scripts_read_postmans(
    run: Run, status_line: str, text: str
) -> None:
    with RawServer(lambda _: response("", status_line)) as server:
        report = run(item("one", server.url, "console.log(`<${pm.response.status}>`)"))
    assert console(report, "log") == [f"<{text}>"]


def test_a_flood_of_console_lines_is_cut(run: Run, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitors.runner.recorder.MAX_CONSOLE_LINES", 10)
    report = run(item("one", target.url, "for (let i = 0; i < 100; i++) console.log(i)"))
    assert console(report, "warn") == ["The console is full: later lines are not kept."]
    assert len(report.console) == 11


def test_totals_add_up(run: Run, target: Target) -> None:
    test = "pm.test('a', () => {}); pm.test('b', () => { throw 1 }); pm.test.skip('c', () => {});"
    report = run(item("one", f"{target.url}/redirect/1", test), item("refused", "http://127.0.0.1:9/"))
    totals = report.totals
    assert (totals.requests, totals.failed_requests) == (3, 1)
    assert (totals.assertions, totals.failed_assertions, totals.skipped_assertions) == (3, 1, 1)
    assert totals.average_response_ms > 0
    assert totals.response_bytes > 0


def test_a_long_response_is_cut_and_says_so(run: Run, target: Target) -> None:
    test = "pm.test('cut', () => pm.expect(pm.response.text().length).to.equal(100))"
    report = run(item("big", f"{target.url}/bytes/5000", test), options=RunOptions(max_response_bytes=100))
    response = report.executions[0].response
    assert report.result is RunResult.SUCCESSFUL
    assert response is not None
    assert response.truncated
    assert console(report, "warn") == ["The response is longer than 100 bytes and was cut there."]


def test_requests_follow_the_runs_defaults(run: Run, target: Target) -> None:
    report = run(item("one", f"{target.url}/redirect/1"), options=RunOptions(follow_redirects=False))
    assert report.executions[0].response is not None
    assert report.executions[0].response.code == 302


def test_private_addresses_are_closed_unless_opened(target: Target) -> None:
    report = run_collection(load_collection(collection(item("inside", target.url))))
    assert report.result is RunResult.ERROR
    assert not target.seen


@pytest.mark.parametrize("wanted", ["{}", "[]", "5", "true", "NaN"])
def test_an_invalid_next_request_ends_the_run_like_an_unknown_one(
    run: Run, target: Target, wanted: str
) -> None:
    report = run(item("one", target.url, f"pm.execution.setNextRequest({wanted})"), item("never", target.url))
    assert report.result is RunResult.SUCCESSFUL
    assert len(report.executions) == 1


def test_json_of_unexpected_shapes_is_tolerated(run: Run, target: Target) -> None:
    odd: Any = [None, 5, "x", [], {}, [5], {"a": {}}]
    items = [
        item(f"{part} {value}", target.url, method="POST") | {"request": {"url": target.url, part: value}}
        for part in ("header", "body", "auth", "method")
        for value in odd
    ]
    bodies = [
        {"url": target.url, "method": "POST", "body": {"mode": mode, mode: value}}
        for mode in ("raw", "urlencoded", "formdata", "graphql", "file")
        for value in odd
    ]
    urls = [{"url": value} for value in [{"host": [5], "query": 5, "path": {}, "auth": 5, "port": []}, *odd]]
    report = run(*items, *({"name": "odd", "request": request} for request in [*bodies, *urls]))
    assert len(report.executions) == len(items) + len(bodies) + len(urls)


def test_a_deeply_nested_body_is_the_runs_error(run: Run, target: Target) -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    report = run(item("deep", target.url, method="POST", body={"mode": "raw", "raw": deep}))
    assert report.result is RunResult.ERROR
    assert report.error == "The collection holds JSON that is nested too deep."


def test_a_scripts_requests_are_limited(run: Run, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitors.runner.script_host.MAX_SCRIPT_REQUESTS", 3)
    script = f"for (let i = 0; i < 9; i++) await new Promise((r) => pm.sendRequest('{target.url}', r));"
    run(item("many", target.url, script))
    assert len(target.seen) == 3


def test_requests_of_a_script_that_skips_its_own_are_sent_once_and_counted(run: Run, target: Target) -> None:
    send = f"pm.sendRequest('{target.url}/delay/100', () => {{}}); "
    skip = send + "pm.execution.skipRequest()"
    report = run(item("warm", target.url), item("skipped", target.url, before=skip))
    assert target.paths == ["/", "/delay/100"]
    assert report.totals.requests == 2
