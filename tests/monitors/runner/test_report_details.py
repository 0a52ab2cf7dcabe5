"""What a report tells beside results: times, what scripts sent, what was not sent, and exchanges."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from monitors.runner import RunOptions, RunReport, RunResult
from monitors.runner.captures import MAX_BODY, KeptExchange
from monitors.runner.options import Keep
from monitors.runner.report import ConsoleEntry, Execution
from tests.monitors.runner.http.server import RawServer, response
from tests.monitors.runner.target import Target
from tests.monitors.runner.test_run import Run, item

FAILING = "pm.test('never', () => pm.expect(1).to.equal(2))"
KEEP_FAILED = RunOptions(keep=Keep.FAILED)
KEEP_ALL = RunOptions(keep=Keep.ALL)


def only(report: RunReport) -> KeptExchange:
    [exchange] = report.exchanges
    return exchange


class TestTimes:
    def test_the_phases_of_a_new_connection_and_of_an_open_one(self, run: Run, target: Target) -> None:
        report = run(item("first", f"{target.url}/delay/60"), item("second", target.url))
        first, second = (execution.response for execution in report.executions)
        assert first
        assert first.phases
        assert first.phases.connect is not None
        assert first.phases.tls is None
        assert first.phases.wait >= 60
        assert second
        assert second.phases
        assert (second.phases.dns, second.phases.connect) == (None, None)

    def test_a_request_starts_where_the_run_is_and_ends_after_its_redirects(
        self, run: Run, target: Target
    ) -> None:
        report = run(item("slow", f"{target.url}/delay/80"), item("moved", f"{target.url}/redirect/2"))
        slow, moved = (execution.own for execution in report.executions)
        assert slow
        assert moved
        assert moved.started_ms >= slow.started_ms + slow.elapsed_ms >= 80
        assert moved.response
        assert moved.elapsed_ms >= moved.response.time_ms - 1

    def test_a_request_without_a_response_took_its_time_too(self, run: Run, target: Target) -> None:
        report = run(item("slow", f"{target.url}/delay/500"), options=RunOptions(request_timeout_ms=100))
        own = report.executions[0].own
        assert own
        assert 100 <= own.elapsed_ms < 500


class TestScriptRequests:
    def test_what_scripts_send_is_listed_under_their_item(self, run: Run, target: Target) -> None:
        script = f"pm.sendRequest('{target.url}/login', () => {{}})"
        report = run(item("order", f"{target.url}/order", test=script))
        own, sent = report.executions[0].sent
        assert (own.from_script, sent.from_script) == (False, True)
        assert sent.request.url == f"{target.url}/login"

    def test_an_item_that_another_one_runs_has_its_name_and_is_not_the_own_request(
        self, run: Run, target: Target
    ) -> None:
        script = "await pm.execution.runRequest('inner'); pm.execution.setNextRequest(null)"
        report = run(item("outer", f"{target.url}/a", test=script), item("inner", f"{target.url}/b"))
        execution = report.executions[0]
        assert [sent.item_name for sent in execution.sent] == [None, "inner"]
        assert execution.request
        assert execution.request.url == f"{target.url}/a"


class TestUnsent:
    def test_items_after_the_end_of_the_run_are_listed(self, run: Run, target: Target) -> None:
        stop = "pm.execution.setNextRequest(null)"
        report = run(
            item("a", target.url, test=stop), item("b", target.url), item("c", target.url, method="PUT")
        )
        assert [(unsent.item_name, unsent.method, unsent.index) for unsent in report.unsent] == [
            ("b", "GET", 1),
            ("c", "PUT", 1),
        ]

    def test_items_that_were_jumped_over_stand_in_between(self, run: Run, target: Target) -> None:
        jump = "pm.execution.setNextRequest('c')"
        report = run(item("a", target.url, test=jump), item("b", target.url), item("c", target.url))
        assert [(unsent.item_name, unsent.index) for unsent in report.unsent] == [("b", 1)]
        assert [execution.item_name for execution in report.executions] == ["a", "c"]

    def test_the_time_limit_leaves_items_unsent(self, run: Run, target: Target) -> None:
        options = RunOptions(timeout_ms=100)
        report = run(item("slow", f"{target.url}/delay/500"), item("next", target.url), options=options)
        assert report.result is RunResult.ABORT
        assert [unsent.item_name for unsent in report.unsent] == ["next"]

    def test_a_run_that_is_stopped_ends_before_its_next_request(self, run: Run, target: Target) -> None:
        stop = threading.Event()

        def stop_after_the_first(entry: Execution | ConsoleEntry) -> None:
            if isinstance(entry, Execution):
                stop.set()

        report = run(item("a", target.url), item("b", target.url), stop=stop, progress=stop_after_the_first)
        assert (report.error, [unsent.item_name for unsent in report.unsent]) == (
            "The run was canceled.",
            ["b"],
        )


class TestConsole:
    def test_each_line_names_its_execution(self, run: Run, target: Target) -> None:
        report = run(
            item("a", target.url, test="console.log('one')"), item("b", target.url, test="console.log('two')")
        )
        lines = [(line.text, line.execution) for line in report.console if line.level == "log"]
        assert lines == [("one", 0), ("two", 1)]
        assert {line.execution for line in report.console if line.level == "stage"} == {None}


class TestExchanges:
    def test_only_those_that_failed_are_kept(self, run: Run, target: Target) -> None:
        report = run(item("good", target.url), item("bad", target.url, test=FAILING), options=KEEP_FAILED)
        assert only(report).execution == 1

    def test_none_is_kept_unless_asked_for(self, run: Run, target: Target) -> None:
        assert run(item("bad", target.url, test=FAILING)).exchanges == []

    def test_all_are_kept_of_a_good_run_and_the_failed_ones_of_another(
        self, run: Run, target: Target
    ) -> None:
        good = run(item("a", target.url), item("b", target.url), options=KEEP_ALL)
        assert [exchange.execution for exchange in good.exchanges] == [0, 1]
        bad = run(item("a", target.url), item("b", target.url, test=FAILING), options=KEEP_ALL)
        assert only(bad).execution == 1

    def test_the_request_is_kept_as_it_was_sent(self, run: Run, target: Target) -> None:
        body = {"mode": "raw", "raw": '{"cart": 7}'}
        report = run(item("bad", f"{target.url}/x", FAILING, method="POST", body=body), options=KEEP_FAILED)
        kept = only(report)
        assert (kept.method, kept.url, kept.request.body.text) == ("POST", f"{target.url}/x", '{"cart": 7}')
        assert ("Content-Type", "text/plain") in kept.request.headers
        assert kept.response
        assert kept.response.body.media_type == "application/json"
        assert '"/x"' in kept.response.body.text

    def test_without_a_response_there_is_the_request_alone(self, run: Run) -> None:
        kept = only(run(item("bad", "http://127.0.0.1:1/orders"), options=KEEP_FAILED))
        assert (kept.url, kept.response) == ("http://127.0.0.1:1/orders", None)

    @pytest.mark.parametrize("path", ["gzip", "latin1"])
    def test_a_body_is_decoded(self, run: Run, target: Target, path: str) -> None:
        kept = only(run(item("bad", f"{target.url}/{path}", test=FAILING), options=KEEP_FAILED))
        assert kept.response
        assert not kept.response.body.is_binary
        assert kept.response.body.text.startswith("größe" if path == "latin1" else "{")

    def test_a_long_body_is_cut(self, run: Run, target: Target) -> None:
        with RawServer(lambda _: response(b"x" * 100_000, "200 OK", "Content-Type: text/plain")) as server:
            kept = only(run(item("bad", server.url, test=FAILING), options=KEEP_FAILED))
        assert kept.response
        body = kept.response.body
        assert (body.size, body.is_cut, len(body.text)) == (100_000, True, MAX_BODY + 1)

    def test_a_binary_body_is_named_by_its_type_and_size(self, run: Run) -> None:
        with RawServer(
            lambda _: response(b"\x89PNG\0\xff\xfe", "200 OK", "Content-Type: image/png")
        ) as server:
            kept = only(run(item("bad", server.url, test=FAILING), options=KEEP_FAILED))
        assert kept.response
        body = kept.response.body
        assert (body.is_binary, body.media_type, body.size, body.text) == (True, "image/png", 7, "")

    def test_secrets_are_masked_also_those_that_are_found_later(self, run: Run, target: Target) -> None:
        late = "pm.vault && 0; pm.environment.set('token', 'found-out-later'); " + FAILING
        headers = [
            {"key": "Authorization", "value": "Bearer abc.def"},
            {"key": "X-Own", "value": "hunter2-hunter2"},
        ]
        body = {"mode": "raw", "raw": "hunter2-hunter2 found-out-later"}
        report = run(
            item("bad", target.url, late, method="POST", body=body, header=headers),
            options=KEEP_FAILED,
            secrets={"hunter2-hunter2"},
            secret_keys={"token"},
        )
        kept = only(report)
        assert kept.request.body.text == "***** *****"
        assert dict(kept.request.headers)["Authorization"] == "Bearer *****"
        assert dict(kept.request.headers)["X-Own"] == "*****"
        assert not any(secret in str(kept) for secret in ("hunter2", "found-out-later"))

    def test_cookies_keep_their_names_alone(self, run: Run, target: Target) -> None:
        report = run(
            item("set", f"{target.url}/cookies/set?session=s3cr3t"),
            item("bad", f"{target.url}/cookies", test=FAILING),
            options=KEEP_FAILED,
        )
        assert dict(only(report).request.headers)["Cookie"] == "session=*****"

    def test_a_run_keeps_a_limited_number_of_bytes(
        self, run: Run, target: Target, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("monitors.runner.recorder.MAX_OF_RUN", 20_000)
        items: list[dict[str, Any]] = [
            item(f"bad {number}", f"{target.url}/bytes/15000", test=FAILING) for number in range(5)
        ]
        report = run(*items, options=KEEP_FAILED)
        assert len(report.exchanges) == 5
        assert sum(len(kept.response.body.text) for kept in report.exchanges if kept.response) <= 20_010

    def test_header_fields_are_counted_too(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("monitors.runner.recorder.MAX_OF_RUN", 20_000)
        long = f"X-Long: {'a' * 9000}"
        with RawServer(lambda _: response(b"no", "500 No", long)) as server:
            items = [item(f"bad {number}", server.url, test=FAILING) for number in range(5)]
            report = run(*items, options=KEEP_FAILED)
        kept = [kept.response for kept in report.exchanges if kept.response]
        assert ["X-Long" in dict(message.headers) for message in kept] == [True, True, False, False, False]
        assert kept[0].body.text == "no"
