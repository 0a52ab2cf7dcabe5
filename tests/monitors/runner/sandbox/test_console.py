"""The console, as a person reads it and as JSON."""

from __future__ import annotations

from .conftest import RunScript, printed


def test_it_keeps_the_level_of_each_line(run: RunScript) -> None:
    outcome = run("for (const level of ['log', 'info', 'warn', 'error', 'debug']) { console[level](level); }")
    assert [(line.level, line.text) for line in outcome.console] == [
        (level, level) for level in ("log", "info", "warn", "error", "debug")
    ]


def test_it_prints_values_as_node_does(run: RunScript) -> None:
    outcome = run("""
        console.log('text', 1, true, null, undefined);
        console.log({a: 'x', 'b-c': [1, {d: undefined}]}, [], {}, "it's");
        console.log(new Date(0), /x/g, NaN, 10n, Symbol('s'));
        console.log(new Set([1]), new Map([['k', {v: 1}]]), () => 1);
    """)
    assert printed(outcome) == [
        "text 1 true null undefined",
        "{ a: 'x', 'b-c': [ 1, { d: undefined } ] } [] {} it's",
        "1970-01-01T00:00:00.000Z /x/g NaN 10n Symbol(s)",
        "Set(1) { 1 } Map(1) { 'k' => { v: 1 } } [Function]",
    ]


def test_it_breaks_what_is_too_wide_into_lines(run: RunScript) -> None:
    outcome = run("console.log({first: 'a'.repeat(40), second: 'b'.repeat(40)})")
    assert printed(outcome) == [f"{{\n  first: '{'a' * 40}',\n  second: '{'b' * 40}'\n}}"]


def test_it_prints_what_contains_itself(run: RunScript) -> None:
    assert printed(run("const a = {}; a.self = a; console.log(a)")) == ["{ self: [Circular] }"]


def test_it_keeps_the_arguments_as_json(run: RunScript) -> None:
    outcome = run("console.log('a', {list: [1, undefined]})")
    assert outcome.console[0].arguments == ["a", {"list": [1, "undefined"]}]
