"""Postman's unit tests of postman-sandbox, run on demand against this sandbox:

    make postmans-tests

They come from a checkout of Postman's repository with its npm packages, which POSTMAN_SANDBOX_CHECKOUT names.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
CHECKOUT = os.environ.get("POSTMAN_SANDBOX_CHECKOUT", "")

NO_SANDBOX_NEEDED = ("execution.test.js", "timers.test.js")
"""They test single modules of Postman's."""

NOT_AS_POSTMAN = {
    "other protocols than HTTP, which are added as templates": (
        "should return the correct context for the given template name",
        "should handle response types for multi-protocol:others",
        "should work with multiple templates",
        "should throw an error if multiple templates",
        'should allow using legacy response APIs without an explicit "test" target',
        "should retain init and connect options on reconnect",
    ),
    "the Node process around Postman's sandbox": (
        "sandbox disposal",
        "should allow disabling or enabling legacy APIs per execution",
        "should not reconnect on execute if context is already disposed",
    ),
    "packages of Postman's cloud, of which pm.require says that there are none": (
        "should not be a function if resolvedPackages is not present",
    ),
    "more memory than a script gets": (
        "should correctly concatenate long sequences",
        '"responseBody" with size',
        "should be able to convert large buffer to string",
    ),
    "there is no Intl": ("should not have access to global properties",),
}

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


def mocha(relay: Path, *selection: str) -> dict[str, Any]:
    """The results of the selected tests, from mocha's JSON reporter."""
    unit = Path(CHECKOUT).resolve() / "test" / "unit"
    files = [str(one) for one in sorted(unit.rglob("*.test.js")) if one.name not in NO_SANDBOX_NEEDED]
    settings = ["--require", str(HERE / "postman" / "hook.js"), "--reporter", "json", "--exit"]
    done = subprocess.run(
        ["npx", "mocha", *settings, *selection, str(unit / "_bootstrap.js"), *files],
        cwd=CHECKOUT,
        env={**os.environ, "SANDBOX_SOCKET": str(relay)},
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{\n") :])
    return report


def test_postmans_own_tests_pass(relay: Path) -> None:
    titles = [title for reason in NOT_AS_POSTMAN.values() for title in reason]
    report = mocha(relay, "--invert", "--grep", "|".join(map(re.escape, titles)))
    failures = {one["fullTitle"]: one["err"].get("message", "") for one in report["failures"]}
    print(f"{report['stats']['passes']} passed, {len(failures)} failed")
    assert not failures
    assert report["stats"]["passes"] > 300
