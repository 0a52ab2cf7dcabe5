from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitors.runner.http import EgressPolicy, HttpClient
from tests.monitors.runner.http.server import RawServer


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Answers each request with its own head."""
    with RawServer() as server:
        yield server


@pytest.fixture
def client() -> Iterator[HttpClient]:
    with HttpClient(EgressPolicy(allow_all=True), timeout_ms=30_000) as client:
        yield client
