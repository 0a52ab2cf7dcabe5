"""The JavaScript of scripts: the features of the language, the web and Node that Postman offers."""

from __future__ import annotations

import pytest

from .conftest import RunScript, printed


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("typeof globalThis + typeof process + typeof fetch + typeof Intl", "undefined" * 4),
        (
            "new URL('/ü?q=a b#h', 'http://Bücher.example:80').href",
            "http://xn--bcher-kva.example/%C3%BC?q=a%20b#h",
        ),
        ("String(new URLSearchParams({a: '1 2', b: 'ü'}))", "a=1+2&b=%C3%BC"),
        ("new TextDecoder().decode(new TextEncoder().encode('✓ é 👍'))", "✓ é 👍"),
        ("new TextDecoder().decode(new Uint8Array([0xE2, 0x28, 0xA1, 0xF0, 0x9F]))", "\ufffd(\ufffd\ufffd"),
        ("new TextDecoder('utf-16le').decode(new Uint8Array([0x41, 0, 0x42, 0]))", "AB"),
        ("atob('4pyT').length + btoa('abc')", "3YWJj"),
        (
            "Buffer.from('✓').toString('base64') + Buffer.concat([Buffer.from([65]), Buffer.from('B')])",
            "4pyTAB",
        ),
        ("(await new Blob(['a', new Uint8Array([98])], {type: 'T/X'}).slice(1).text())", "b"),
        ("new File(['abc'], 'n.txt').name + new File(['abc'], 'n').size", "n.txt3"),
        ("crypto.getRandomValues(new Uint8Array(4)).length + crypto.randomUUID()[14]", "44"),
        (
            "Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('x'))).toString('hex')",
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        ),
        ("structuredClone({a: [new Date(0)], m: new Map([[1, 2]])}).m.get(1)", "2"),
        (
            "(() => { const c = new AbortController(); c.abort(); return c.signal.reason.name; })()",
            "AbortError",
        ),
        (
            "(() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', () => n++);"
            " t.dispatchEvent(new Event('x')); return n; })()",
            "1",
        ),
        ("'a1'.replace(/(?<letter>[a-z])(?<=a)(?<digit>\\d)/, '$<digit>$<letter>')", "1a"),
        ("/^\\p{Lu}/u.test('Ü') + [3, 1].toSorted() + Object.groupBy([1], () => 'g').g", "true1,31"),
        ("eval('1 + 1')", "2"),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("String(new Date(0))", "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)"),
        ("new Date(0).toLocaleString()", "1/1/1970, 12:00:00 AM"),
        (
            "new Date(0).toLocaleDateString('en-US', {month: 'long', day: 'numeric', year: 'numeric'})",
            "January 1, 1970",
        ),
        ("new Date(0).toLocaleDateString('en-GB')", "01/01/1970"),
        ("(1234567.891).toLocaleString()", "1,234,567.891"),
        ("(5).toLocaleString('en-US', {minimumIntegerDigits: 2})", "05"),
        ("['b', 'a', 'C', 'é', 'f'].sort((a, b) => a.localeCompare(b)).join('')", "abCéf"),
        ("['10', '9'].sort((a, b) => a.localeCompare(b, undefined, {numeric: true})).join()", "9,10"),
    ],
)
def test_it_evaluates(run: RunScript, expression: str, value: str) -> None:
    assert printed(run(f"console.log({expression})")) == [value]


def test_timers_run_in_nodes_order(run: RunScript) -> None:
    outcome = run("""
        setTimeout(() => console.log('timeout 200'), 200);
        setTimeout((word) => console.log('timeout 0', word), 0, 'x');
        setImmediate(() => console.log('immediate'));
        Promise.resolve().then(() => console.log('microtask'));
        queueMicrotask(() => console.log('queued'));
        const stopped = setTimeout(() => console.log('never'), 1);
        clearTimeout(stopped);
        let left = 2;
        const interval = setInterval(() => {
            if (!--left) { clearInterval(interval); console.log('interval'); }
        }, 150);
        console.log('script');
    """)
    order = printed(outcome)
    assert order[:3] == ["script", "microtask", "queued"]
    assert sorted(order[3:5]) == ["immediate", "timeout 0 undefined"]
    assert order[5:] == ["timeout 200", "interval"]


def test_core_js_adds_no_other_globals_than_the_wanted_ones(run: RunScript) -> None:
    outcome = run("console.log(typeof Observable, typeof [].filterReject, typeof Map.prototype.emplace)")
    assert printed(outcome) == ["undefined undefined undefined"]
