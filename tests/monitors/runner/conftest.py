from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from monitors.runner import RunOptions, RunReport, load_collection, run_collection
from monitors.runner.http import EgressPolicy
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


@pytest.fixture
def run(zygote: Zygote) -> Callable[..., RunReport]:
    """Runs items as one collection, which may reach every address."""

    def run(*items: dict[str, Any], options: RunOptions | None = None, **arguments: Any) -> RunReport:
        loaded = load_collection({"info": {"name": "Shop"}, "item": list(items)})
        given = options or RunOptions()
        anywhere = EgressPolicy(allow_all=True)
        return run_collection(loaded, options=given, egress=anywhere, zygote=zygote, **arguments)

    return run
