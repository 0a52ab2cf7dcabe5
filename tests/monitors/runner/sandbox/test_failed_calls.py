"""The message of a failed call says the same as V8's message, or less, but never anything else."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.monitors.runner.parity import NEWMAN_IS_HERE

from .conftest import RunScript

FORMS = [
    line.replace("\\n", "\n")
    for line in (Path(__file__).parent / "calls_that_fail.txt").read_text(encoding="utf-8").splitlines()
]
DECLARATIONS = """
const o = {}, a = [1], n = 5, u = undefined, id = x => x, name = 'x';
let s = 'x', body = {data: {}};
"""
IN_NODE = """
const AsyncFunction = (async () => {}).constructor;
const words = async (source) => {
    try { await new AsyncFunction(source)(); } catch (error) { return error.message; }
};
const sources = JSON.parse(require('fs').readFileSync(0));
Promise.all(sources.map(words)).then((all) => console.log(JSON.stringify(all)));
"""
UNKNOWN = {"not a function", "not a constructor", "Class constructors cannot be invoked without 'new'"}


def says_less(words: str, v8: str) -> bool:
    if words in UNKNOWN or v8 in re.split(r" or (?!its )", words):
        return True
    if any(v8.startswith(f"{one} or its ") for one in re.split(r" or (?!its )", words)):
        return True
    _, intermediate, rest = words.rpartition("(intermediate value)")
    return bool(intermediate) and v8.endswith(rest)


@pytest.mark.skipif(not NEWMAN_IS_HERE, reason="Node is not installed")
def test_the_message_of_a_failed_call_never_says_more_than_v8s(run: RunScript) -> None:
    done = subprocess.run(
        ["node", "-e", IN_NODE],
        input=json.dumps([DECLARATIONS + form for form in FORMS]),
        capture_output=True,
        text=True,
        check=True,
    )
    v8 = json.loads(done.stdout)
    errors = [run(DECLARATIONS + form).error for form in FORMS]
    said = [error.message if error else None for error in errors]
    wrong = {
        form: (ours, theirs)
        for form, ours, theirs in zip(FORMS, said, v8, strict=True)
        if ours != theirs and not says_less(str(ours), theirs)
    }
    assert wrong == {}
    same = sum(ours == theirs for ours, theirs in zip(said, v8, strict=True))
    assert same / len(FORMS) > 0.75


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "const body = {data: {}}; body.data.includes(pm.environment.get('id'))",
            "body.data.includes is not a function",
        ),
        ("const o = {}; o.run(JSON.stringify({}), new Date(), parseInt('1', 10))", "o.run is not a function"),
        ("const o = {}; o.run(pm.response.json())", "o.run is not a function"),
        (
            "const read = text => text; const o = {}; o.run(read(read('x')))",
            "o.run is not a function",
        ),
        (
            "const o = {}; o.run(pm.response.text().trim())",
            "o.run is not a function or pm.response.text(...).trim is not a function",
        ),
        ("const o = {}; o.a = o.a; o.list.map(1)", "Cannot read properties of undefined (reading 'map')"),
        ("let JSON = {}; pm.expect(JSON.stringify(1))", "JSON.stringify is not a function"),
        ("Function('x', 'x(1)')(5)", "not a function"),
    ],
)
def test_a_call_among_the_arguments_is_not_reported_as_the_failed_one(
    run: RunScript, source: str, words: str
) -> None:
    error = run(source).error
    assert error is not None
    assert error.message == words


def test_a_function_of_an_earlier_script_is_read_in_that_scripts_source(run: RunScript) -> None:
    run("helpers = {\n    read (body) {\n        return body.items.get(pm.info.requestName);\n    }\n}")
    error = run("// one\n// two\n\n\nhelpers.read({items: {}})").error
    assert error is not None
    assert (error.message, error.line) == ("body.items.get is not a function", 5)


def test_an_error_in_a_very_long_script_is_not_worded_from_its_source(run: RunScript) -> None:
    error = run("const o = {};\n" + "// filler\n" * 30_000 + "o.run()").error
    assert error is not None
    assert error.message == "not a function"
    assert error.line == 30_002
