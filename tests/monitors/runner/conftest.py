from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitors.runner.sandbox import Zygote
from tests.monitors.runner.target import Target


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """One for all tests: booting takes a moment."""
    with Zygote() as zygote:
        yield zygote


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target
