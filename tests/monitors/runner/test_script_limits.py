"""A script that exceeds a limit fails alone: the run continues, with the variables as before the script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from monitors.runner import RunReport, RunResult, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from monitors.runner.sandbox import SandboxLimits, Zygote
from tests.monitors.runner.target import Target

ANYWHERE = EgressPolicy(allow_all=True)
MEGABYTE = 1024 * 1024
LIMITS = SandboxLimits(memory_bytes=48 * MEGABYTE, cpu_seconds=1, output_bytes=MEGABYTE)

OVER = {
    "output": (
        "for (;;) { console.log('x'.repeat(10000)); }",
        "its console, tests, variables and requests came to more than 1048576 bytes.",
    ),
    "CPU time": ("for (;;) {}", "the run's scripts used more than 1 seconds of CPU time."),
    "tests": (
        "for (let i = 0; i < 20000; i++) { pm.test('t', () => {}); }",
        "came to more than 1048576 bytes.",
    ),
    "depth": (
        "let o = {}; for (let i = 0; i < 300; i++) { o = {o}; } pm.environment.set('deep', o);",
        "it sent values that are nested more than 200 levels deep.",
    ),
}


@pytest.mark.parametrize("name", OVER)
def test_the_run_continues_with_the_next_request(target: Target, name: str) -> None:
    source, says = OVER[name]
    first = f"pm.collectionVariables.set('changed', 'by the script'); {source}"
    second = "pm.test('next', () => pm.expect(pm.collectionVariables.get('changed')).to.equal('before'));"
    report = run(target, first, second)
    failed, passed = report.executions
    assert report.error is None
    assert report.result is RunResult.ERROR
    (error,) = failed.script_errors
    assert error.message.startswith("The script was stopped: ")
    assert error.message.endswith(says)
    assert [(test.name, test.passed) for test in passed.assertions] == [("next", True)]
    assert f"Error: {error.message}" in [line.text for line in report.console if line.level == "failed"]


def test_a_request_is_sent_even_if_its_pre_request_script_exceeded_a_limit(target: Target) -> None:
    event = {"listen": "prerequest", "script": {"exec": OVER["output"][0]}}
    item = {"name": "one", "request": {"url": target.url}, "event": [event]}
    with Zygote(LIMITS) as zygote:
        report = run_collection(
            load_collection({"info": {"name": "Hostile"}, "item": [item]}), egress=ANYWHERE, zygote=zygote
        )
    assert len(target.seen) == 1
    assert report.executions[0].script_errors[0].message.endswith(OVER["output"][1])


def run(target: Target, *scripts: str) -> RunReport:
    items = [
        {
            "name": str(number),
            "request": {"url": target.url},
            "event": [{"listen": "test", "script": {"exec": script}}],
        }
        for number, script in enumerate(scripts)
    ]
    variables = [{"key": "changed", "value": "before"}]
    loaded = load_collection({"info": {"name": "Hostile"}, "item": items, "variable": variables})
    with Zygote(LIMITS) as zygote:
        return run_collection(loaded, egress=ANYWHERE, zygote=zygote)


FILLING = {
    "lists of lists": "const deep = Array.from({length: 25}).reduce((a) => [a, a], 'word');"
    "for (let i = 0; i < 15000; i++) { console.log(deep); }",
    "objects": "for (let i = 0; i < 4; i++) { console.log(Array.from({length: 4e5}, () => ({}))); }",
    "maps": "const map = new Map(Array.from({length: 1e4}, () => [{}, {}]));"
    "for (let i = 0; i < 50; i++) { console.log(map); }",
    "variables": "pm.environment.set('many', Array.from({length: 1e6}, () => ({})));",
    "tests": "for (let i = 0; i < 16000; i++) { pm.test(`t${i}`, () => {}); }",
    "errors of tests": "for (let i = 0; i < 3000; i++) {"
    "pm.test('t', () => { throw Object.assign(new Error('x'), {all: new Array(900).fill({})}); }); }",
    "requests": "for (let i = 0; i < 15000; i++) { pm.sendRequest('http://localhost:1/', () => {}); }",
    "cookies": "for (let i = 0; i < 3000; i++) {"
    "pm.cookies.jar().set('http://localhost/', `c${i}`, 'x'.repeat(1000), () => {}); }",
    "a visualizer": "pm.visualizer.set('{{x}}', {x: Array.from({length: 1e6}, () => ({}))});",
}
WORKER = """
import resource, sys
from monitors.runner import load_collection, run_collection
from monitors.runner.http import EgressPolicy

def run(script):
    event = {"listen": "prerequest", "script": {"exec": script}}
    item = {"name": "one", "request": {"url": "http://localhost:1/"}, "event": [event]}
    collection = load_collection({"info": {"name": "Hostile"}, "item": [item]})
    return run_collection(collection, egress=EgressPolicy(allow_all=True))

run("console.log({a: [1, new Map([[1, 2]])]}); pm.test('t', () => {});")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
report = run(sys.argv[1])
assert report.console, report
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("name", FILLING)
def test_the_workers_memory_does_not_grow_with_a_scripts_output(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, FILLING[name]],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 300
