"""crypto.subtle gives the same values and the same errors as Node's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitors.runner.sandbox import SandboxSession, ScriptOptions, Zygote
from tests.monitors.runner.parity import NEWMAN_IS_HERE

from .conftest import RecordingHost, RunScript, printed, values

HERE = Path(__file__).parent / "webcrypto"
CALLS = (HERE / "calls.txt").read_text(encoding="utf-8").splitlines()
PRELUDE = (HERE / "prelude.js").read_text(encoding="utf-8")
# In Node, members of algorithms and JSON Web Keys have another order, and messages are longer.
SCRIPT = (
    PRELUDE
    + """
    const results = [], plain = (value) => {
        if (typeof value !== 'object' || value === null) { return value; }
        if (Array.isArray(value)) { return value.map(plain); }
        return Object.entries(value).sort().map(([name, one]) => [name, plain(one)]);
    };
    const seen = (text) => { try { return plain(JSON.parse(text)); } catch { return text; } };
    """
    + "".join(
        f"try {{ results.push(seen(String({call}))) }} catch (e) {{ results.push(e.name) }}\n"
        for call in CALLS
    )
)


@pytest.mark.skipif(not NEWMAN_IS_HERE, reason="Node is not installed")
def test_every_call_has_the_result_that_it_has_in_node(run: RunScript) -> None:
    source = f"(async () => {{ {SCRIPT} console.log(JSON.stringify(results)); }})()"
    done = subprocess.run(["node", "--no-warnings", "-e", source], capture_output=True, text=True, check=True)
    outcome = run(f"{SCRIPT} pm.environment.set('results', JSON.stringify(results))", timeout_ms=60_000)
    assert outcome.error is None
    node: list[Any] = json.loads(done.stdout)
    ours: list[Any] = json.loads(values(outcome, "environment")["results"])
    assert {call: one for call, one, other in zip(CALLS, ours, node, strict=True) if one != other} == {}
    assert sum(isinstance(one, str) and one.endswith("Error") for one in ours) < len(CALLS) / 2


@pytest.mark.parametrize(
    ("source", "hexadecimal"),
    [
        (  # RFC 4231, test case 2
            "const algorithm = {name: 'HMAC', hash: 'SHA-256'};"
            "const key = await subtle.importKey('raw', text('Jefe'), algorithm, true, ['sign']);"
            "result = await subtle.sign('HMAC', key, text('what do ya want for nothing?'))",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (  # RFC 6070, test case 2
            "const key = await subtle.importKey('raw', text('password'), 'PBKDF2', false, ['deriveBits']);"
            "const algorithm = {name: 'PBKDF2', hash: 'SHA-1', salt: text('salt'), iterations: 2};"
            "result = await subtle.deriveBits(algorithm, key, 160)",
            "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
        ),
        (  # RFC 3394, 4.1
            "const key = await subtle.importKey('raw', bytes(16), 'AES-KW', true, ['wrapKey']);"
            "const data = Buffer.from('00112233445566778899aabbccddeeff', 'hex');"
            "const wrapped = await subtle.importKey('raw', data, 'AES-CBC', true, ['encrypt']);"
            "result = await subtle.wrapKey('raw', wrapped, key, 'AES-KW')",
            "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
        ),
    ],
)
def test_it_computes_what_the_standards_say(run: RunScript, source: str, hexadecimal: str) -> None:
    assert printed(run(f"{PRELUDE} let result; {source}; console.log(hex(result))")) == [hexadecimal]


def test_each_run_generates_different_keys(zygote: Zygote, host: RecordingHost) -> None:
    source = """
        const algorithm = {name: 'ECDSA', namedCurve: 'P-256'},
            key = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
        console.log((await crypto.subtle.exportKey('jwk', key.privateKey)).d);
    """
    made = set()
    for _ in range(3):
        with SandboxSession(zygote) as session:
            made.update(printed(session.execute("test", source, {}, ScriptOptions(5000), host)))
    assert len(made) == 3
