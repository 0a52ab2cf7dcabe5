"""Each collection in `collections/` does the same as with Newman, on the wire and in its report."""

from __future__ import annotations

import pytest

from monitors.runner.sandbox import Zygote
from tests.monitors.runner.parity import NAMES, NEWMAN_IS_HERE, Observed, with_newman, with_postwatch

pytestmark = [
    pytest.mark.newman,
    pytest.mark.skipif(not NEWMAN_IS_HERE, reason="Newman is not installed: npm install"),
]


@pytest.fixture(scope="module")
def newman() -> dict[str, Observed]:
    """Newman's results for all collections, from one process: Newman takes half a second to start."""
    return with_newman(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_does_what_newman_does(name: str, newman: dict[str, Observed], zygote: Zygote) -> None:
    ours = with_postwatch(name, zygote)
    assert ours.executions == newman[name].executions
    assert ours.wire == newman[name].wire
