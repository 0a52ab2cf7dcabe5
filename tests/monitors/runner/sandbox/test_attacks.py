"""Hostile scripts: each fails only its own run, while another run continues."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from monitors.runner.sandbox import (
    SandboxFailed,
    SandboxLimits,
    SandboxSession,
    ScriptOptions,
    Zygote,
)

from .conftest import RecordingHost, RunScript, printed

MEGABYTE = 1024 * 1024
SHORT = ScriptOptions(timeout_ms=300)

ENDLESS = {
    "loop": "for (;;) {}",
    "regular expression": "/^(a+)+$/.test('a'.repeat(50) + 'b')",
    "getter": "const o = {get first () { return o.second; }, get second () { for (;;) {} }}; o.first",
    "promise chain": "(function again () { Promise.resolve().then(again); })(); await new Promise(() => {})",
    "timer": "setInterval(() => {}, 0); setTimeout(function again () { setTimeout(again, 0); }, 0)",
    "immediate": "(function again () { setImmediate(again); })()",
    "proxy": "const p = new Proxy({}, {has () { for (;;) {} }}); 'x' in p",
    "toString": "String({toString () { for (;;) {} }})",
    "toJSON": "pm.environment.set('x', {toJSON () { for (;;) {} }})",
    "finally": "try { for (;;) {} } finally { for (;;) {} }",
    "iterator": "for (const x of {[Symbol.iterator]: () => ({next: () => ({done: false})})}) {}",
    "back reference": "/^(a*)*\\1$/.exec('a'.repeat(50) + 'b')",
    "comparison": "[3, 2, 1].sort(() => { for (;;) {} })",
    "thenable": "await {then () { (function again () { Promise.resolve().then(again); })(); }}",
    "generator": "for await (const x of (async function * () { for (;;) { yield 1; } })()) {}",
    "length": "Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)",
    "error's message": "throw {get message () { for (;;) {} }}",
    "printed value": "console.log({get value () { for (;;) {} }})",
    "library": "tv4.validate('a'.repeat(50) + 'b', {type: 'string', pattern: '^(a+)+$'})",
    "key derivation": "require('crypto-js').PBKDF2('a', 'b', {iterations: 1e9})",
    "Web Crypto's key derivation": "const { subtle } = crypto;"
    "const key = await subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']);"
    "const algorithm = {name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(1), iterations: 2e9};"
    "await subtle.deriveBits(algorithm, key, 512)",
    "Web Crypto's key generation": "const publicExponent = new Uint8Array([1, 0, 1]);"
    "const algorithm = {name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 16384, publicExponent};"
    "await crypto.subtle.generateKey(algorithm, true, ['sign'])",
    "waiting": "await new Promise(() => { setTimeout(() => {}, 1e9); })",
}

MEMORY_BOMBS = {
    "strings": "let s = 'x'; const all = []; for (;;) { all.push(s = s + s + all.length); }",
    "arrays": "const all = []; for (;;) { all.push(new Array(1e6).fill(1.5)); }",
    "typed arrays": "const all = []; for (;;) { all.push(new Uint8Array(1 << 24).fill(1)); }",
    "recursion": "(function f (...a) { f(...a, ...a, 1); })(1)",
    "objects": "let o = {}; for (;;) { o = {o, p: {o}}; }",
    "map": "const m = new Map(); for (let i = 0; ; i++) { m.set(i, {i}); }",
    "regular expression": "new RegExp('(' .repeat(5e6))",
    "repeat": "'x'.repeat(2 ** 29).repeat(2 ** 29)",
    "json": "JSON.stringify(Array.from({length: 30}).reduce((a) => [a, a], 'xxxxxxxxxx'))",
    "padding": "'x'.padEnd(2 ** 30)",
    "bigint": "let n = 3n; for (;;) { n = n * n; }",
    "closures": "const all = []; for (;;) { all.push(() => all); }",
    "pending promises": "for (;;) { Promise.resolve().then(() => {}); }",
    "timers": "for (;;) { setTimeout(() => {}, 1e6); }",
    "encoded text": "const all = []; for (;;) { all.push(new TextEncoder().encode('é'.repeat(5e6))); }",
    "decoded bytes": "new TextDecoder().decode(new Uint8Array(4e7))",
    "digest": "await crypto.subtle.digest('SHA-256', new Uint8Array(3e7))",
    "encryption": "const { subtle } = crypto;"
    "const key = await subtle.generateKey({name: 'AES-CTR', length: 256}, true, ['encrypt']);"
    "const algorithm = {name: 'AES-CTR', counter: new Uint8Array(16), length: 64}; const all = [];"
    "for (;;) { all.push(await subtle.encrypt(algorithm, key, new Uint8Array(5e6))); }",
    "derived bits": "const { subtle } = crypto;"
    "const key = await subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']);"
    "const algorithm = {name: 'PBKDF2', hash: 'SHA-1', salt: new Uint8Array(1), iterations: 1};"
    "await subtle.deriveBits(algorithm, key, 2 ** 31)",
    "base64": "atob('x'.repeat(3e7))",
    "symbols": "const all = []; for (;;) { all.push(Symbol.for(`x${all.length}`)); }",
    "weak map": "const m = new WeakMap(), all = []; for (;;) { all.push({}); m.set(all.at(-1), {all: {}}); }",
    "errors": "const all = []; for (;;) { all.push(new Error('x'.repeat(1000))); }",
    "variables in variables": "for (let i = 0; i < 9; i++) { pm.variables.set(i, `{{${i + 1}}}`.repeat(9)); }"
    "pm.variables.replaceIn('{{0}}')",
    "deep JSON": "JSON.parse('['.repeat(1e6))",
    "deep variable": "let o = {}; for (let i = 0; i < 2e5; i++) { o = {o}; } pm.environment.set('x', o)",
    "deep prototypes": "let o = {}; for (let i = 0; i < 1e6; i++) { o = Object.create(o); } o.x",
    "deep proxies": "let o = {}; for (let i = 0; i < 1e5; i++) { o = new Proxy(o, {}); } o.x",
    "deep functions": "let f = () => 1; for (let i = 0; i < 1e5; i++) { f = f.bind(null); } f()",
    "deep source": "eval('('.repeat(1e5) + '1' + ')'.repeat(1e5))",
}

OUTPUT_BOMBS = {
    "console": "for (;;) { console.log('x'.repeat(10000)); }",
    "small lines": "for (;;) { console.log(1); }",
    "assertions": "for (;;) { pm.test('t', () => {}); }",
    "one line": "console.log('x'.repeat(12e6))",
    "variables": "pm.environment.set('big', 'x'.repeat(12e6))",
    "changed request": "pm.request.body = {mode: 'raw', raw: 'x'.repeat(6e6)}",
    "requests": "for (;;) { pm.sendRequest('http://api.example/', () => {}); }",
    "errors": "for (;;) { Promise.reject(new Error('x'.repeat(10000))); await 1; }",
}


@pytest.fixture(scope="module")
def small() -> Iterator[Zygote]:
    """A zygote with low limits for its children."""
    limits = SandboxLimits(memory_bytes=48 * MEGABYTE, cpu_seconds=8, output_bytes=4 * MEGABYTE)
    with Zygote(limits) as running:
        yield running


@pytest.fixture
def neighbor(small: Zygote) -> Iterator[SandboxSession]:
    """Another tenant's run, which began before the attack and must work after it."""
    with SandboxSession(small) as session:
        session.execute("test", "mine = 'untouched'", {}, ScriptOptions(10_000), RecordingHost())
        yield session
        outcome = session.execute("test", "console.log(mine)", {}, ScriptOptions(5000), RecordingHost())
        assert printed(outcome) == ["untouched"]


@pytest.fixture
def attack(small: Zygote, neighbor: SandboxSession, host: RecordingHost) -> Iterator[SandboxSession]:
    with SandboxSession(small) as session:
        yield session


def complaint(session: SandboxSession, source: str, options: ScriptOptions) -> str:
    """The error of a script that must not succeed."""
    try:
        outcome = session.execute("test", source, {}, options, RecordingHost())
    except SandboxFailed as failure:
        return str(failure)
    assert outcome.error is not None, outcome
    return outcome.error.message


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_script_is_stopped_in_time(attack: SandboxSession, name: str) -> None:
    started = time.monotonic()
    words = complaint(attack, ENDLESS[name], SHORT)
    assert time.monotonic() - started < 10
    assert "sandbox not responding" in words or "script execution timeout" in words


def test_the_run_continues_after_an_endless_script(attack: SandboxSession, host: RecordingHost) -> None:
    complaint(attack, "for (;;) {}", SHORT)
    assert printed(attack.execute("test", "console.log('next')", {}, ScriptOptions(5000), host)) == ["next"]


def test_what_a_script_did_before_its_endless_loop_is_kept(
    attack: SandboxSession, host: RecordingHost
) -> None:
    outcome = attack.execute("test", "console.log('so far'); for (;;) {}", {}, SHORT, host)
    assert [line.text for line in outcome.console] == ["so far"]


@pytest.mark.parametrize("name", MEMORY_BOMBS)
def test_a_memory_bomb_ends_as_an_error(attack: SandboxSession, name: str) -> None:
    assert complaint(attack, MEMORY_BOMBS[name], ScriptOptions(timeout_ms=3000))


@pytest.mark.parametrize("name", OUTPUT_BOMBS)
def test_an_output_bomb_is_cut_off(attack: SandboxSession, name: str) -> None:
    words = complaint(attack, OUTPUT_BOMBS[name], ScriptOptions(timeout_ms=120_000))
    assert any(
        limit in words
        for limit in (
            "came to more than 4194304 bytes", "out of memory", "more than 10000 tests",
            "more than 1000 errors", "may send at most 1000 requests",
        )
    )  # fmt: skip


def test_a_short_line_that_stands_for_an_endless_one_stays_short(
    attack: SandboxSession, host: RecordingHost
) -> None:
    """Lists of lists of the same list: 2 to the power of 25 words, in a few hundred bytes."""
    source = "console.log(Array.from({length: 25}).reduce((a) => [a, a], 'word'))"
    outcome = attack.execute("test", source, {}, ScriptOptions(timeout_ms=3000), host)
    assert len(outcome.console[0].text) < 300_000


def test_scripts_of_a_run_share_their_cpu_time(small: Zygote, neighbor: SandboxSession) -> None:
    limits = SandboxLimits(cpu_seconds=1)
    with Zygote(limits) as strict, SandboxSession(strict) as session:
        words = complaint(session, "for (;;) {}", ScriptOptions(timeout_ms=20_000))
    assert words == "The script was stopped: the run's scripts used more than 1 seconds of CPU time."


def test_the_third_script_that_uses_up_its_cpu_time_ends_the_run() -> None:
    with Zygote(SandboxLimits(cpu_seconds=1)) as strict, SandboxSession(strict) as session:
        words = [complaint(session, "for (;;) {}", ScriptOptions(timeout_ms=20_000)) for _ in range(3)]
    limit = "the run's scripts used more than 1 seconds of CPU time"
    assert words == [f"The script was stopped: {limit}."] * 2 + [f"The run was ended: {limit}, 3 times over."]


OVER_A_LIMIT = {
    "output": OUTPUT_BOMBS["console"],
    "one message": OUTPUT_BOMBS["one line"],
    "tests": OUTPUT_BOMBS["assertions"],
    "values": "pm.environment.set('many', Array.from({length: 4e5}, () => 1))",
    "depth": "let o = {}; for (let i = 0; i < 300; i++) { o = {o}; } pm.environment.set('deep', o)",
    "memory": MEMORY_BOMBS["typed arrays"],
}


@pytest.mark.parametrize("name", OVER_A_LIMIT)
def test_the_run_continues_after_a_script_that_exceeded_a_limit(
    attack: SandboxSession, host: RecordingHost, name: str
) -> None:
    assert complaint(attack, OVER_A_LIMIT[name], ScriptOptions(timeout_ms=60_000))
    assert printed(attack.execute("test", "console.log('next')", {}, ScriptOptions(5000), host)) == ["next"]


def test_many_attacks_at_once_do_not_affect_another_run(small: Zygote, neighbor: SandboxSession) -> None:
    def strike() -> None:
        with SandboxSession(small) as session:
            complaint(session, "for (;;) {}", SHORT)

    threads = [threading.Thread(target=strike) for _ in range(8)]
    for thread in threads:
        thread.start()
    outcome = neighbor.execute("test", "console.log(1 + 1)", {}, ScriptOptions(5000), RecordingHost())
    for thread in threads:
        thread.join()
    assert printed(outcome) == ["2"]


REACHING_OUT = {
    "require of Node's modules": "try { require('child_process') } catch (e) { console.log(e.code) }",
    "files": "try { require('fs').readFileSync('/etc') } catch (e) { console.log('MODULE_NOT_FOUND') }",
    "import": "try { await import('/etc/passwd') } catch (e) { console.log('MODULE_NOT_FOUND') }",
    "environment": "console.log(typeof process === 'undefined' ? 'MODULE_NOT_FOUND' : process.env)",
    "engine's modules": "try { await import('std') } catch (e) { console.log('MODULE_NOT_FOUND') }",
}


@pytest.mark.parametrize("name", REACHING_OUT)
def test_there_is_no_way_to_files_processes_or_the_environment(run: RunScript, name: str) -> None:
    assert printed(run(REACHING_OUT[name])) == ["MODULE_NOT_FOUND"]


def test_require_of_process_reveals_nothing(run: RunScript) -> None:
    outcome = run(
        "const p = require('_process'); console.log(JSON.stringify([p.env, p.argv, p.pid, p.cwd && p.cwd()]))"
    )
    assert printed(outcome) == ['[{},[],null,"/"]']


INTERNALS = [
    "bridge", "__uvm_emit", "__uvm_dispatch", "__uvm_setTimeout", "__exitscope_", "host", "send", "entropy",
    "digest", "globalThis", "boot", "track", "setEvent", "native",
]  # fmt: skip


def test_the_bridge_cannot_be_named(run: RunScript) -> None:
    names = ", ".join(f"typeof {name}" for name in INTERNALS)
    assert printed(run(f"console.log([{names}].join())")) == [",".join(["undefined"] * len(INTERNALS))]
    through_function = ", ".join(f"typeof this.{name}" for name in INTERNALS)
    outcome = run(f"console.log(Function('return [{through_function}].join()')())")
    assert printed(outcome) == [",".join(["undefined"] * len(INTERNALS))]


def test_globals_are_those_of_the_language_and_a_few_of_the_web(run: RunScript) -> None:
    outcome = run("""
        const names = Object.getOwnPropertyNames(Function('return this')());
        console.log(names.filter((name) => /^[_a-z]/.test(name)).sort().join());
    """)
    assert printed(outcome) == [
        "atob,btoa,console,crypto,decodeURI,decodeURIComponent,encodeURI,encodeURIComponent,escape,eval,isFinite,isNaN,"
        "parseFloat,parseInt,queueMicrotask,require,structuredClone,undefined,unescape"
    ]


POLLUTION = """
    Object.prototype.polluted = 'yes';
    Array.prototype[Symbol.iterator] = function * () { yield 'stolen'; };
    Function.prototype.call = Function.prototype.apply = () => 'hijacked';
    Map.prototype.get = Map.prototype.set = Promise.prototype.then = () => { throw new Error('no'); };
    JSON.parse = JSON.stringify = () => '{}';
    Error.prototype.toJSON = () => 'x';
    RegExp.prototype.test = RegExp.prototype.exec = () => true;
    throw new Error('done');
"""


def test_prototype_pollution_ends_with_its_run(zygote: Zygote, host: RecordingHost) -> None:
    with SandboxSession(zygote) as session:
        complaint(session, POLLUTION, SHORT)
    with SandboxSession(zygote) as session:
        source = "console.log({}.polluted, [...[1]], JSON.parse('[1]'), /x/.test('y'))"
        assert printed(session.execute("test", source, {}, SHORT, host)) == ["undefined [ 1 ] [ 1 ] false"]


def test_a_script_cannot_impersonate_another_execution(run: RunScript) -> None:
    """With captured internals, a script can forge nothing but its own result."""
    outcome = run("""
        const seen = [];
        const slice = Array.prototype.slice;
        Array.prototype.slice = function (...args) { seen.push(this); return slice.apply(this, args); };
        console.log('x');
        Array.prototype.slice = slice;
        for (const list of seen) {
            for (const f of list) { try { f('other', {}, {}, {}); } catch (e) { /* it was no function */ } }
        }
    """)
    assert outcome.error is None
    assert outcome.assertions == []
    assert outcome.result["target"] == "test"
