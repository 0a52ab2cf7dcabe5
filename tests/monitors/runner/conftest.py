from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitors.runner.sandbox import Zygote
from tests.monitors.runner.target import Target


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """One zygote for all tests, because it is slow to boot."""
    with Zygote() as zygote:
        yield zygote


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target
