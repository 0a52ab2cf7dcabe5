"""Postman's unit tests of postman-sandbox, run on demand against this sandbox:

    POSTMAN_SANDBOX_CHECKOUT=DIRECTORY pytest -s tests/monitors/runner/sandbox/test_postmans_own_tests.py

The checkout is of the release that package.json pins, with its development dependencies installed by npm.
Left out are the tests of single modules that need no sandbox, and of disposing of a worker thread.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
CHECKOUT = os.environ.get("POSTMAN_SANDBOX_CHECKOUT", "")
NOT_OURS = ("execution.test.js", "timers.test.js", "sandbox-dispose.test.js")
LEAST_PASSES = 300

pytestmark = pytest.mark.skipif(not CHECKOUT, reason="POSTMAN_SANDBOX_CHECKOUT names no checkout")


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "sandbox"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.monitors.runner.sandbox.postman.relay", str(path)], cwd=ROOT
    )
    try:
        while not path.exists():
            assert process.poll() is None
        yield path
    finally:
        process.terminate()
        process.wait()


def test_postmans_own_tests_pass(relay: Path) -> None:
    unit = Path(CHECKOUT) / "test" / "unit"
    files = [str(one) for one in sorted(unit.rglob("*.test.js")) if one.name not in NOT_OURS]
    done = subprocess.run(
        [
            "npx",
            "mocha",
            "--require",
            str(HERE / "postman" / "hook.js"),
            "--reporter",
            "json",
            "--timeout",
            "15000",
            "--exit",
            str(unit / "_bootstrap.js"),
            *files,
        ],
        cwd=CHECKOUT,
        env={**os.environ, "SANDBOX_SOCKET": str(relay)},
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout[done.stdout.index("{") :])
    for failure in report["failures"]:
        print(f"FAILED {failure['fullTitle']}: {failure['err'].get('message', '')[:200]}")
    print(f"{report['stats']['passes']} passed, {report['stats']['failures']} failed")
    assert report["stats"]["passes"] >= LEAST_PASSES
