"""`pm.execution.runRequest`: a script runs another request of its collection, with its scripts."""

from __future__ import annotations

from typing import Any

import pytest

from monitors.runner import RunOptions, RunReport, RunResult, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from monitors.runner.sandbox import Zygote
from tests.monitors.runner.target import Target

THIS_MACHINE = EgressPolicy.from_text(["127.0.0.1"])


def login(url: str, before: str = "", test: str = "") -> dict[str, Any]:
    return {"name": "Log in", "id": "log-in", "request": url} | scripts(before, test)


def scripts(before: str = "", test: str = "") -> dict[str, Any]:
    given = {"prerequest": before, "test": test}
    return {"event": [{"listen": listen, "script": {"exec": source}} for listen, source in given.items()]}


@pytest.fixture
def run(zygote: Zygote, target: Target) -> Any:
    """Runs a request with this test script, which skips the other request of the collection."""

    def run(
        script: str, other: dict[str, Any], options: RunOptions | None = None, **collection: Any
    ) -> RunReport:
        first = {"name": "Order", "request": f"{target.url}/order"}
        first |= scripts(test=f"pm.execution.setNextRequest(null); {script}")
        items = [first, {"name": "Shared", "item": [other]}]
        loaded = load_collection({"info": {"name": "Shop"}, "item": items, **collection})
        return run_collection(loaded, options=options or RunOptions(), egress=THIS_MACHINE, zygote=zygote)

    return run


def verdicts(report: RunReport) -> list[tuple[str, str | None]]:
    return [(found.name, found.error) for entry in report.executions for found in entry.assertions]


@pytest.mark.parametrize("reference", ["Log in", "log-in"])
def test_it_returns_the_response(run: Any, target: Target, reference: str) -> None:
    script = f"""
        const response = await pm.execution.runRequest('{reference}');
        pm.test([response.code, response.status, response.json().path].join(' '), () => {{
            pm.expect(response).to.have.status(200);
        }});"""
    report = run(script, login(f"{target.url}/login"))
    assert verdicts(report) == [("200 OK /login", None)]
    assert report.result is RunResult.SUCCESSFUL


def test_its_tests_count_in_the_request_that_ran_it(run: Any, target: Target) -> None:
    inner = login(f"{target.url}/login", test="pm.test('logged in', () => pm.expect(1).to.equal(2))")
    report = run("await pm.execution.runRequest('Log in'); pm.test('ordered', () => {})", inner)
    (execution,) = report.executions
    assert report.result is RunResult.FAILURE
    assert verdicts(report) == [("logged in", "expected 1 to equal 2"), ("ordered", None)]
    assert execution.item_name == "Order"
    assert report.totals.requests == 2


def test_variables_are_passed_in_and_changes_are_passed_back(run: Any, target: Target) -> None:
    script = """
        pm.environment.set('user', 'ada');
        await pm.execution.runRequest('Log in', {variables: {realm: 'shop'}});
        pm.test(pm.environment.get('token') + ' ' + pm.variables.get('realm'), () => {});"""
    inner = login(
        f"{target.url}/login/{{{{user}}}}/{{{{realm}}}}",
        test="pm.environment.set('token', 'of ' + pm.response.json().path)",
    )
    report = run(script, inner)
    assert target.paths == ["/order", "/login/ada/shop"]
    assert verdicts(report) == [("of /login/ada/shop undefined", None)]


def test_it_inherits_authorization_and_scripts_and_shares_the_cookies(run: Any, target: Target) -> None:
    bearer = {"type": "bearer", "bearer": [{"key": "token", "value": "shared"}]}
    before = "pm.request.headers.add({key: 'X-Script', value: pm.info.requestName})"
    await_it = "if (pm.info.requestName === 'Order') await pm.execution.runRequest('Log in'); "
    report = run(
        await_it + "pm.test('cookies ' + pm.cookies.has('x'), () => {})",
        login(f"{target.url}/cookies/set?session=1"),
        auth=bearer,
        **scripts(before),
    )
    assert [seen.header("X-Script") for seen in target.seen] == ["Order", "Log in", "Log in"]
    assert [seen.header("Authorization") for seen in target.seen] == ["Bearer shared"] * 3
    assert target.seen[-1].header("Cookie") == "session=1"
    assert report.result is RunResult.SUCCESSFUL


def test_a_request_that_skips_itself_returns_null(run: Any, target: Target) -> None:
    inner = login(f"{target.url}/login", before="pm.execution.skipRequest()")
    report = run("pm.test('got ' + await pm.execution.runRequest('Log in'), () => {})", inner)
    assert verdicts(report) == [("got null", None)]
    assert target.paths == ["/order"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/", "connect ECONNREFUSED 127.0.0.1:9"),
        ("http://10.0.0.1/", "10.0.0.1 is a private"),
    ],
)
def test_a_request_without_a_response_is_an_error_for_the_script(run: Any, url: str, words: str) -> None:
    script = "try { await pm.execution.runRequest('Log in') } catch (e) { pm.test(e.message, () => {}) }"
    report = run(script, login(url))
    ((name, _),) = verdicts(report)
    assert name.startswith(words)
    assert report.result is RunResult.ERROR


def test_an_error_in_its_scripts_is_the_runs(run: Any, target: Target) -> None:
    inner = login(f"{target.url}/login", test="throw new Error('in the inner script')")
    report = run("await pm.execution.runRequest('Log in'); pm.test('goes on', () => {})", inner)
    (execution,) = report.executions
    assert [error.message for error in execution.script_errors] == ["in the inner script"]
    assert verdicts(report) == [("goes on", None)]
    assert report.result is RunResult.ERROR


def test_its_next_request_is_ignored(run: Any, target: Target) -> None:
    inner = login(f"{target.url}/login", test="pm.execution.setNextRequest('Order')")
    run("await pm.execution.runRequest('Log in')", inner)
    assert target.paths == ["/order", "/login"]


def test_a_request_script_may_run_one_before_its_own(run: Any, target: Target, zygote: Zygote) -> None:
    ordered = {"name": "Order", "request": f"{target.url}/order/{{{{token}}}}"}
    ordered |= scripts("await pm.execution.runRequest('Log in')", "pm.execution.setNextRequest(null)")
    inner = login(f"{target.url}/login", test="pm.environment.set('token', 't')")
    loaded = load_collection({"info": {"name": "Shop"}, "item": [ordered, inner]})
    run_collection(loaded, egress=THIS_MACHINE, zygote=zygote)
    assert target.paths == ["/login", "/order/t"]


def test_it_ends_with_the_run(run: Any, target: Target) -> None:
    report = run(
        "await pm.execution.runRequest('Log in')",
        login(f"{target.url}/delay/60000"),
        options=RunOptions(timeout_ms=700),
    )
    assert report.result is RunResult.ABORT
    assert report.duration_ms < 30_000
