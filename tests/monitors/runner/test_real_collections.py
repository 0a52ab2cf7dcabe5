"""The smallest real collections do the same as with Newman. Runs only where these collections and the tool
that compares them are next to this repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.monitors.runner.parity import NEWMAN_IS_HERE

ROOT = Path(__file__).parents[3]
COLLECTIONS = ROOT.parent / "shared" / "collections"
COMPARE = ROOT.parent / "shared" / "tools" / "differential.py"
HOW_MANY = 8

pytestmark = [
    pytest.mark.newman,
    pytest.mark.skipif(not NEWMAN_IS_HERE, reason="Newman is not installed: npm install"),
    pytest.mark.skipif(not (COLLECTIONS.is_dir() and COMPARE.is_file()), reason=f"no {COLLECTIONS}"),
]


def smallest(count: int) -> list[Path]:
    found = [path for path in COLLECTIONS.glob("*.json") if not path.name.endswith("environment.json")]
    return sorted(found, key=lambda path: path.stat().st_size)[:count]


def test_the_smallest_real_collections_do_what_they_do_with_newman() -> None:
    ours = f"{sys.executable} manage.py run_collection"
    done = subprocess.run(
        [sys.executable, COMPARE, *smallest(HOW_MANY), "--postwatch", ours, "--at-least", "1.0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
