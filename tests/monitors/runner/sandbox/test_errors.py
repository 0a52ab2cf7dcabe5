"""Errors read as they do in Postman and Newman, whose engine is V8."""

from __future__ import annotations

import pytest

from monitors.runner.sandbox import SandboxSession, ScriptOptions

from .conftest import RecordingHost, RunScript, printed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("missing()", "ReferenceError: missing is not defined"),
        ("let o = {}; o.a.b", "TypeError: Cannot read properties of undefined (reading 'b')"),
        ("null.a", "TypeError: Cannot read properties of null (reading 'a')"),
        ("let u; u.a = 1", "TypeError: Cannot set properties of undefined (setting 'a')"),
        ("let o = {}; o.run()", "TypeError: o.run is not a function"),
        (
            "pm.response.json().items.map(x => x)",
            "TypeError: Cannot read properties of undefined (reading 'map')",
        ),
        ("pm.response.json().name()", "TypeError: pm.response.json(...).name is not a function"),
        ("let list = [1]; list[0]()", "TypeError: list[0] is not a function"),
        ("const name = 'x'; 'ü'; name.go()", "TypeError: name.go is not a function"),
        ("let o = {}; new o.Thing()", "TypeError: o.Thing is not a constructor"),
        ("const c = 1; c = 2", "TypeError: Assignment to constant variable."),
        ("early; let early = 1", "ReferenceError: Cannot access 'early' before initialization"),
        ("[].reduce((a, b) => a)", "TypeError: Reduce of empty array with no initial value"),
        ("Object.keys(undefined)", "TypeError: Cannot convert undefined or null to object"),
        ("new Date(NaN).toISOString()", "RangeError: Invalid time value"),
        ("(function f () { f(); })()", "RangeError: Maximum call stack size exceeded"),
        ("let x = ;", "SyntaxError: Unexpected token ';'"),
        ("good bad", "SyntaxError: Unexpected identifier 'bad'"),
        ("new URL('nowhere')", "TypeError: Invalid URL"),
        ("let o = {}; for (const x of o.list) {}", "TypeError: o.list is not iterable"),
        ("let o = {}; [...o]", "TypeError: o is not iterable"),
        ("let key = 'x'; console[key]('y')", "TypeError: console[key] is not a function"),
        ("let o = {}; new o()", "TypeError: o is not a constructor"),
        ("pm.test('x', () => {", "SyntaxError: Unexpected end of input"),
        ("let x = \u201cy\u201d", "SyntaxError: Invalid or unexpected token"),
        ("1 = 2", "SyntaxError: Invalid left-hand side in assignment"),
        ("let x = 1; let x = 2", "SyntaxError: Identifier 'x' has already been declared"),
        ("const x = 1; var x", "SyntaxError: Identifier 'x' has already been declared"),
        ("function f () {} let f", "SyntaxError: Identifier 'f' has already been declared"),
        ("class A {} { class A {} } class A {}", "SyntaxError: Identifier 'A' has already been declared"),
        ("const data = 1; var data = 2", "SyntaxError: Identifier 'data' has already been declared"),
        (
            "'use strict'; (() => { 'use strict'; const q = Object.freeze({a: 1}); q.a = 2 })()",
            "TypeError: Cannot assign to read only property 'a' of object",
        ),
        (
            "(() => { 'use strict'; const q = Object.freeze({a: 1}); q.b = 2 })()",
            "TypeError: Cannot add property b, object is not extensible",
        ),
        ("class C { m () { C = 1 } } new C().m()", "TypeError: Assignment to constant variable."),
        ("const c = 1; c++", "TypeError: Assignment to constant variable."),
        ("const c = 1; [c] = [2]", "TypeError: Assignment to constant variable."),
        ("new (() => 1)()", "TypeError: (intermediate value) is not a constructor"),
        ("new Symbol()", "TypeError: Symbol is not a constructor"),
        ("class B {} B()", "TypeError: Class constructor B cannot be invoked without 'new'"),
        ("Map()", "TypeError: Constructor Map requires 'new'"),
        ("Uint8Array(2)", "TypeError: Constructor Uint8Array requires 'new'"),
        ("Promise()", "TypeError: Promise constructor cannot be invoked without 'new'"),
        ("new Map([1])", "TypeError: Iterator value is not an entry object"),
        ("Object.fromEntries([1])", "TypeError: Iterator value is not an entry object"),
        (
            "new Set(5)",
            "TypeError: value is not iterable (cannot read property Symbol(Symbol.iterator))",
        ),
        ("'x'.repeat(-1)", "RangeError: Invalid count value"),
        ("({}) instanceof 5", "TypeError: Right-hand side of 'instanceof' is not an object or not callable"),
        ("class A extends undefined {}", "TypeError: Class extends value is not a constructor or null"),
        ("'a' in 'text'", "TypeError: Cannot use 'in' operator to search in what is not an object"),
        ("(1).toPrecision(101)", "RangeError: toPrecision() argument must be between 1 and 100"),
        ("(1).toFixed(101)", "RangeError: toFixed() digits argument must be between 0 and 100"),
        ("+1n", "TypeError: Cannot convert a BigInt value to a number"),
        ("new ArrayBuffer(-1)", "RangeError: Invalid array buffer length"),
    ],
)
def test_it_words_an_error_as_v8_does(run: RunScript, source: str, words: str) -> None:
    error = run(source).error
    assert error is not None
    assert f"{error.name}: {error.message}" == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html>", "Unexpected token '<', \"<html>\" is not valid JSON"),
        ("", "Unexpected end of JSON input"),
        ("{a:1}", "Expected property name or '}' in JSON at position 1"),
        ('{"a":1,}', "Expected double-quoted property name in JSON at position 7"),
        ('{"a" 1}', "Expected ':' after property name in JSON at position 5"),
        ('{"a":1;}', "Expected ',' or '}' after property value in JSON at position 6"),
        ("[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON"),
        ("[1 2]", "Expected ',' or ']' after array element in JSON at position 3"),
        ('{"a":1} x', "Unexpected non-whitespace character after JSON at position 8"),
        ('"abc', "Unterminated string in JSON at position 4"),
        ("-", "No number after minus sign in JSON at position 1"),
        ("undefined", '"undefined" is not valid JSON'),
        ("a" * 60, "Unexpected token 'a', \"aaaaaaaaaa\"... is not valid JSON"),
        (
            '{"abcdefghijklm": x, "n": 1}',
            'Unexpected token \'x\', ..."ghijklm": x, "n": 1}" is not valid JSON',
        ),
    ],
)
def test_it_words_a_json_error_as_node_does(run: RunScript, text: str, words: str) -> None:
    # `JSON` in a script is Postman's own; functions made from text see the engine's.
    outcome = run(
        "try { Function('text', 'return JSON.parse(text)')(pm.variables.get('text')); }"
        " catch (error) { console.log(error.message, error.name); }",
        _variables={"values": [{"key": "text", "value": text}]},
    )
    assert printed(outcome) == [f"{words} SyntaxError"]


def test_a_script_that_catches_an_error_reads_v8s_message(run: RunScript) -> None:
    outcome = run(
        "try { undefined.x } catch (error) { console.log(error.message, error instanceof TypeError) }"
    )
    assert printed(outcome) == ["Cannot read properties of undefined (reading 'x') true"]


def test_it_names_the_line_of_the_script(run: RunScript) -> None:
    error = run("// one\n// two\nthrow new Error('third')").error
    assert error is not None
    assert (error.message, error.line) == ("third", 3)
    syntax = run("let ok = 1;\nlet broken = ;").error
    assert syntax is not None
    assert syntax.line == 2


@pytest.mark.parametrize(
    ("thrown", "message"),
    [("'text'", "text"), ("5", "5"), ("Symbol('s')", "Symbol(s)"), ("{message: 'm'}", "m")],
)
def test_a_script_may_throw_any_value(run: RunScript, thrown: str, message: str) -> None:
    outcome = run(f"throw {thrown}")
    assert outcome.error is not None
    assert outcome.error.message == message


def test_an_unhandled_rejection_is_the_scripts_error(run: RunScript) -> None:
    outcome = run("pm.test('forgotten', async () => { pm.expect(1).to.equal(2); })")
    assert outcome.assertions[0]["passed"] is True
    assert outcome.error is not None
    assert outcome.error.message == "expected 1 to equal 2"


def test_a_rejection_that_is_handled_in_time_is_no_error(run: RunScript) -> None:
    outcome = run("const p = Promise.reject(new Error('x')); await 1; await p.catch(() => {});")
    assert (outcome.error, outcome.exceptions) == (None, [])


def test_an_error_in_a_timer_is_reported_beside_the_scripts_own(run: RunScript) -> None:
    outcome = run(
        "setTimeout(() => { throw new Error('in the timer'); }, 1); pm.environment.set('went', 'on')"
    )
    assert outcome.error is None
    assert [one.message for one in outcome.exceptions] == ["in the timer"]


def test_changes_before_an_error_are_kept(run: RunScript) -> None:
    outcome = run("console.log('before'); pm.test('t', () => {}); throw new Error('x')")
    assert [line.text for line in outcome.console] == ["before"]
    assert len(outcome.assertions) == 1


def test_error_objects_are_as_in_postman(run: RunScript) -> None:
    outcome = run("""
        class Own extends Error {}
        const target = {};
        Error.captureStackTrace(target);
        console.log(JSON.stringify(new Own('x')), typeof target.stack, new Error('y').stack.split('\\n')[0]);
    """)
    assert printed(outcome) == ['{"type":"Error","name":"Error","message":"x"} string Error: y']


def test_the_line_is_the_running_scripts_own(run: RunScript) -> None:
    error = run("// one\nFunction('1;\\n\\n\\n\\n\\n\\n\\n\\nmissing()')()").error
    assert error is not None
    assert (error.message, error.line) == ("missing is not defined", 2)
    syntax = run("// one\n// two\neval('let x = ;')").error
    assert syntax is not None
    assert syntax.line == 3


def test_a_script_without_memory_does_not_pass(session: SandboxSession, host: RecordingHost) -> None:
    outcome = session.execute(
        "test",
        "const kept = []; try { for (;;) kept.push([kept.length]); } catch (error) { throw error; }",
        {},
        ScriptOptions(20_000),
        host,
    )
    assert outcome.error is not None
    assert "out of memory" in outcome.error.message


@pytest.mark.parametrize("thrown", ["null", "undefined", "0", "''"])
def test_a_thrown_falsy_value_is_no_error_as_in_postman(run: RunScript, thrown: str) -> None:
    assert run(f"throw {thrown}").error is None
