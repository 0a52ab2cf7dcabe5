"""What Postman's scripts can do: the `pm` object and the legacy one."""

from __future__ import annotations

import json
import threading
import time

import pytest

from monitors.runner.sandbox import SandboxSession, ScriptOptions, Zygote

from .conftest import REQUEST, RecordingHost, RunScript, printed, values


def test_it_reports_passed_failed_and_skipped_tests(run: RunScript) -> None:
    outcome = run("""
        pm.test('passes', () => pm.response.to.have.status(200));
        pm.test('fails', () => pm.expect(pm.response.json().name).to.equal('Bob'));
        pm.test.skip('skipped', () => {});
    """)
    reported = [(one["name"], one["passed"], one["skipped"]) for one in outcome.assertions]
    assert reported == [("passes", True, False), ("fails", False, False), ("skipped", True, True)]
    assert outcome.assertions[1]["error"]["message"] == "expected 'Ada' to equal 'Bob'"


def test_a_test_that_throws_no_error_is_named_after_itself(run: RunScript) -> None:
    outcome = run("pm.test('odd', () => { throw 'text'; })")
    assert outcome.assertions[0]["error"] == {"name": "AssertionError", "message": "odd"}


def test_a_test_may_end_later(run: RunScript) -> None:
    outcome = run("pm.test('later', (done) => setTimeout(() => done(new Error('too late')), 5))")
    assert outcome.assertions[0]["error"]["message"] == "too late"


def test_a_script_may_await_at_its_top_level(run: RunScript) -> None:
    assert printed(run("console.log(await new Promise((ok) => setTimeout(() => ok('waited'), 5)))")) == [
        "waited"
    ]


def test_a_script_may_return_at_its_top_level(run: RunScript) -> None:
    assert run("return pm.test('early', () => {}); throw new Error('never')").error is None


def test_it_returns_the_variables_as_the_script_left_them(run: RunScript) -> None:
    outcome = run(
        "pm.environment.set('token', 't'); pm.environment.unset('old'); pm.globals.set('count', 2);"
        "pm.collectionVariables.set('c', 'x');"
        "pm.variables.set('local', pm.variables.replaceIn('{{old2}}!'));",
        environment={"values": [{"key": "old", "value": "1"}, {"key": "old2", "value": "2"}]},
    )
    assert values(outcome, "environment") == {"old2": "2", "token": "t"}
    assert values(outcome, "globals") == {"count": 2}
    assert values(outcome, "collectionVariables") == {"c": "x"}
    assert values(outcome, "_variables") == {"local": "2!"}


def test_a_pre_request_script_may_change_the_request(run: RunScript) -> None:
    outcome = run("pm.request.headers.add({key: 'X-B', value: '2'}); pm.request.method = 'PUT'", "prerequest")
    assert outcome.result["request"]["method"] == "PUT"
    assert {"key": "X-B", "value": "2"} in outcome.result["request"]["header"]


def test_it_names_the_next_request_and_skips_this_one(run: RunScript) -> None:
    assert run("pm.execution.setNextRequest('Log in')").result["return"]["nextRequest"] == "Log in"
    assert run("postman.setNextRequest(null)").result["return"]["nextRequest"] is None
    outcome = run("pm.execution.skipRequest(); console.log('never')", "prerequest")
    assert (outcome.skipped_request, outcome.console) == (True, [])


def test_it_knows_its_place_in_the_run(session: SandboxSession, host: RecordingHost) -> None:
    options = ScriptOptions(
        timeout_ms=1000,
        legacy={"_itemId": "i1", "_itemName": "Get", "_itemPath": ["C", "Get"], "_eventItemName": "C"},
        cursor={"iteration": 1, "cycles": 3},
    )
    source = (
        "console.log(pm.info.eventName, pm.info.iteration, pm.info.iterationCount, pm.info.requestName,"
        " pm.execution.location.join('/'), pm.execution.location.current, pm.iterationData.get('user'))"
    )
    outcome = session.execute(
        "prerequest", source, {"request": REQUEST, "data": {"user": "Ada"}}, options, host
    )
    assert printed(outcome) == ["prerequest 1 3 Get C/Get C Ada"]


def test_it_sends_requests_with_a_callback_or_a_promise(run: RunScript, host: RecordingHost) -> None:
    outcome = run("""
        pm.sendRequest('http://api.example/a', (error, response) => console.log(error, response.code));
        const wanted = {url: 'http://api.example/b', method: 'POST', body: {mode: 'raw', raw: 'x'}};
        const response = await pm.sendRequest(wanted);
        console.log(response.json().sent);
    """)
    assert sorted(printed(outcome)) == ["null 201", "true"]
    assert {one["method"] for one in host.requests} == {"GET", "POST"}


def test_several_requests_are_in_flight_at_once(run: RunScript, host: RecordingHost) -> None:
    host.together = threading.Barrier(5, timeout=10)
    run("await Promise.all([1, 2, 3, 4, 5].map((n) => pm.sendRequest('http://api.example/' + n)))")
    assert len(host.requests) == 5
    assert not host.together.broken


@pytest.mark.parametrize(
    ("address", "message"), [("down", "connect ECONNREFUSED"), ("refused", "the address is not allowed")]
)
def test_the_script_gets_the_error_of_a_failed_request(run: RunScript, address: str, message: str) -> None:
    outcome = run(
        f"pm.sendRequest('http://{address}/', (error, response) => console.log(error.message, response.code))"
    )
    assert printed(outcome) == [f"{message} undefined"]


def test_requests_that_fail_together_call_back_in_their_order(run: RunScript) -> None:
    outcome = run("""
        const hosts = ['after-last', 'after-last', 'after-last', 'last'];
        hosts.forEach((host, at) => pm.sendRequest(`http://${host}/down`, () => console.log(at)));
    """)
    assert printed(outcome) == ["0", "1", "2", "3"]


def test_a_request_that_fails_does_not_wait_for_a_slow_one(run: RunScript) -> None:
    outcome = run("""
        pm.sendRequest('http://after-last/', () => console.log('slow'));
        pm.sendRequest('http://down/', () => {
            console.log('failed');
            pm.sendRequest('http://last/down', () => {});
        });
    """)
    assert printed(outcome) == ["failed", "slow"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("jar.set('http://a.example', () => {})", "CookieJar.set() requires a valid set cookie arguments"),
        ("jar.set('http://a.example')", "CookieJar.set() requires a valid set cookie arguments"),
        ("jar.set(() => {})", "CookieJar.set() requires a valid url"),
        ("jar.set(5, 'name', 'value', () => {})", "CookieJar.set() requires a valid url"),
        ("jar.get()", "CookieJar.get() requires a valid url"),
        ("jar.get('http://a.example', 5, () => {})", "CookieJar.get() requires cookie name to be a string"),
        ("jar.getAll(null, () => {})", "CookieJar.getAll() requires a valid url"),
        ("jar.unset('http://a.example', () => {})", "CookieJar.unset() requires cookie name to be a string"),
        ("jar.clear()", "CookieJar.clear() requires a valid url"),
    ],
)
def test_the_cookie_jar_throws_at_once_for_invalid_arguments(run: RunScript, call: str, words: str) -> None:
    outcome = run(
        f"const jar = pm.cookies.jar(); try {{ {call}; console.log('went on'); }}"
        " catch (error) { console.log(error.name, error.message); }"
    )
    assert printed(outcome) == [f"TypeError {words}"]
    assert outcome.exceptions == []


def test_it_keeps_cookies_in_the_hosts_jar(run: RunScript, host: RecordingHost) -> None:
    outcome = run(
        """
        const jar = pm.cookies.jar();
        await jar.set('http://api.example/', 'sid', '42');
        console.log(await jar.get('http://api.example/', 'sid'), pm.cookies.get('given'));
        await jar.unset('http://api.example/', 'sid');
    """,
        cookies=[{"name": "given", "value": "7"}],
    )
    assert printed(outcome) == ["42 7"]
    assert host.cookies_kept == []


def test_it_reads_the_vault_and_gets_an_error_when_refused(run: RunScript, host: RecordingHost) -> None:
    host.secrets["key"] = "s3cret"
    outcome = run("""
        console.log(await pm.vault.get('key'), await pm.vault.get('none'));
        try { await pm.vault.set('key', 'x'); } catch (error) { console.log(error.message); }
    """)
    assert printed(outcome) == ["s3cret null", "the vault is read-only"]


def test_it_runs_another_request_of_the_collection(run: RunScript) -> None:
    outcome = run("""
        const response = await pm.execution.runRequest('id-1');
        console.log(response.code, response.text(), await pm.execution.runRequest('skipped'));
    """)
    assert printed(outcome) == ["202 id-1 null"]


def test_it_ignores_a_visualization(run: RunScript) -> None:
    outcome = run("pm.visualizer.set('<b>{{name}}</b>', {name: 'Ada'})")
    assert outcome.error is None
    assert outcome.result["return"]["visualizer"]["template"] == "<b>{{name}}</b>"


def test_it_requires_the_built_in_modules(run: RunScript) -> None:
    outcome = run("""
        const modules = `ajv assert atob btoa buffer chai cheerio crypto-js csv-parse/lib/sync events
            fs lodash moment os path postman-collection punycode querystring stream string_decoder timers tv4
            url util uuid xml2js`;
        for (const name of modules.split(/\\s+/)) {
            if (!require(name)) { console.log(name); }
        }
        console.log(require('crypto-js').SHA256('x').toString().slice(0, 8));
        console.log(require('moment').utc(0).format('YYYY'));
    """)
    assert printed(outcome) == ["2d711642", "1970"]


def test_it_refuses_packages_in_a_clear_sentence(run: RunScript) -> None:
    outcome = run("pm.require('@team/tools')")
    assert outcome.error is not None
    assert outcome.error.message.startswith(
        "Error while loading package '@team/tools': packages cannot be loaded here"
    )


def test_it_runs_legacy_scripts(run: RunScript) -> None:
    outcome = run("""
        tests['status'] = responseCode.code === 200;
        tests['name'] = JSON.parse(responseBody).name === 'Bob';
        postman.setEnvironmentVariable('a', 'b');
        tests['header'] = postman.getResponseHeader('content-type') === 'application/json';
        tests['xml'] = xml2Json('<a><b>1</b></a>').a.b === '1';
        tests['libraries'] = _.VERSION && tv4 && CryptoJS.MD5('a') && cheerio.load('<b>');
        undeclared = 1;
    """)
    verdicts = {one["name"]: one["passed"] for one in outcome.assertions}
    assert verdicts == {"status": True, "name": False, "header": True, "xml": True, "libraries": True}
    assert values(outcome, "environment") == {"a": "b"}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("const data = pm.response.json(); console.log(data.name)", "Ada"),
        ("let responseBody = 'mine'; console.log(responseBody)", "mine"),
        ("const environment = 1, globals = 2; console.log(environment + globals)", "3"),
        ("let tests = {}; tests.x = true; console.log(typeof tests)", "object"),
        ("const _ = require('lodash'); console.log(_.VERSION > '4')", "true"),
        ("const request = 1, iteration = 2, postman = 3; console.log(request, iteration, postman)", "1 2 3"),
        ("const [CryptoJS, {xml2Json, ...cheerio}] = [1, {xml2Json: 2}]; console.log(CryptoJS)", "1"),
        ("let a = 1, tests = 2; console.log(a + tests)", "3"),
        ("const { a: iteration } = {a: 1}; console.log(iteration)", "1"),
        ("const { responseBody = 1 } = {}; console.log(responseBody)", "1"),
        ("const\n  xml2Json\n    = 1; console.log(xml2Json)", "1"),
        ("let data /* mine */ = 1; console.log(data)", "1"),
        ("let request\n!function () {}()\nconsole.log(request)", "undefined"),
        ("class Buffer {} console.log(typeof Buffer)", "function"),
        ("const pm = 5, JSON = 6; console.log(pm + JSON)", "11"),
        ("var data = 5; const request = 4; console.log(data + request)", "9"),
        ("const data = 1; { var own = data } console.log(own)", "1"),
        ("function f () { var data = 2; return data } const data = 1; console.log(f() + data)", "3"),
        ("console.log(typeof request); function request () {}", "function"),
        ("await 1; const data = await Promise.resolve(5); console.log(data)", "5"),
    ],
)
def test_a_script_may_declare_the_name_of_a_parameter(run: RunScript, source: str, line: str) -> None:
    assert printed(run(source))[-1] == line


def test_a_parameter_declared_by_var_keeps_its_value(run: RunScript) -> None:
    outcome = run("""
        var tests = tests || {}; var responseBody; var data = data || {};
        tests['body'] = responseBody.length > 10;
        const own = typeof data;
        tests['data'] = own === 'object';
    """)
    assert {one["name"]: one["passed"] for one in outcome.assertions} == {"body": True, "data": True}


def test_lines_of_errors_are_right_after_a_parameter_is_redeclared(run: RunScript) -> None:
    error = run("const data = 1;\nvar request = 2;\nmissing()").error
    assert error is not None
    assert (error.message, error.line) == ("missing is not defined", 3)


def test_a_global_created_after_an_await_is_kept(run: RunScript) -> None:
    run("await 1; below = 'await'; await new Promise((done) => setTimeout(done, 5)); later = 'timer'")
    assert printed(run("console.log(below, later)")) == ["await timer"]


def test_scripts_of_one_run_share_their_globals_and_runs_do_not(zygote: Zygote, host: RecordingHost) -> None:
    options = ScriptOptions(timeout_ms=60_000)
    with SandboxSession(zygote) as one, SandboxSession(zygote) as other:
        one.execute("test", "shared = 'from before'", {}, options, host)
        assert printed(one.execute("test", "console.log(shared)", {}, options, host)) == ["from before"]
        assert printed(other.execute("test", "console.log(typeof shared)", {}, options, host)) == [
            "undefined"
        ]


def test_runs_do_not_share_random_numbers(zygote: Zygote, host: RecordingHost) -> None:
    seen = set()
    for _ in range(5):
        with SandboxSession(zygote) as session:
            source = "console.log(Math.random(), pm.variables.replaceIn('{{$guid}}'), crypto.randomUUID())"
            seen.update(printed(session.execute("test", source, {}, ScriptOptions(1000), host))[0].split())
    assert len(seen) == 15


def test_an_empty_script_succeeds(run: RunScript) -> None:
    assert run("").error is None


def test_it_reads_binary_and_foreign_bodies(run: RunScript) -> None:
    header = [{"key": "Content-Type", "value": "text/plain; charset=iso-8859-1"}]
    response = {"code": 200, "header": header, "stream": b"caf\xe9"}
    outcome = run("console.log(pm.response.text(), pm.response.stream.length)", response=response)
    assert printed(outcome) == ["café 4"]


def test_it_reads_a_body_of_a_megabyte_quickly(run: RunScript) -> None:
    body = json.dumps([{"name": "Zoë", "text": "x" * 100}] * 10_000).encode()
    started = time.monotonic()
    outcome = run(
        "console.log(pm.response.json().length, responseBody.length > 1e6)", response={"stream": body}
    )
    assert printed(outcome) == ["10000 true"]
    assert time.monotonic() - started < 10


def test_a_long_body_that_is_not_text_is_read_at_once(run: RunScript) -> None:
    outcome = run(
        "const text = pm.response.text();"
        " console.log(text.length, text.charCodeAt(127), text.charCodeAt(128), responseBody === text)",
        timeout_ms=2000,
        response={"code": 200, "stream": bytes(range(256)) * 20_000},
    )
    assert printed(outcome) == ["5120000 127 65533 true"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [("", 90), ("'utf8', 10", 80), ("'utf8', -5, 1000", 90), ("'utf8', 5, 2", 0), ("'utf8', 0, null", 0)],
)
def test_a_part_of_a_buffer_is_text_as_in_node(run: RunScript, arguments: str, text: int) -> None:
    outcome = run(f"console.log(Buffer.from('x'.repeat(90)).toString({arguments}).length)")
    assert printed(outcome) == [str(text)]
