"""The console, as a person reads it and as JSON."""

from __future__ import annotations

import pytest

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
        console.log(1e-7, [1e21, 0.1, 5]);
        console.log(new Set([1]), new Map([['k', {v: 1}]]), () => 1);
    """)
    assert printed(outcome) == [
        "text 1 true null undefined",
        "{ a: 'x', 'b-c': [ 1, { d: undefined } ] } [] {} it's",
        "1970-01-01T00:00:00.000Z /x/g NaN 10n Symbol(s)",
        "1e-7 [ 1e+21, 0.1, 5 ]",
        "Set(1) { 1 } Map(1) { 'k' => { v: 1 } } [Function]",
    ]


def test_it_breaks_wide_values_into_lines(run: RunScript) -> None:
    outcome = run("console.log({first: 'a'.repeat(40), second: 'b'.repeat(40)})")
    assert printed(outcome) == [f"{{\n  first: '{'a' * 40}',\n  second: '{'b' * 40}'\n}}"]


def test_it_prints_circular_values(run: RunScript) -> None:
    assert printed(run("const a = {}; a.self = a; console.log(a)")) == ["{ self: [Circular] }"]


@pytest.mark.parametrize(
    "value",
    [
        "new Array(1e6).fill(7)",
        "Array.from({length: 1e5}, (_, index) => ({index}))",
        "Object.fromEntries(Array.from({length: 1e5}, (_, index) => [index, index]))",
        "'7'.repeat(1e6)",
        "new Map(Array.from({length: 1e5}, (_, index) => [index, index]))",
        "new Uint8Array(6e4).fill(7)",
        "Array.from({length: 25}).reduce((list) => [list, list], 'word')",
    ],
)
def test_it_cuts_very_long_values(run: RunScript, value: str) -> None:
    (line,) = printed(run(f"console.log({value})"))
    assert 10_000 < len(line) < 300_000


def test_it_prints_the_arguments_after_a_long_text(run: RunScript) -> None:
    (line,) = printed(run("console.log('x'.repeat(9000), {a: [1, 'b']})"))
    assert line.endswith("x { a: [ 1, 'b' ] }")
