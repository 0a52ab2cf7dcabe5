import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from integrations.pagerduty.standin import StandIn
from tests.processes.installation import Api, Installation, production, wait_for
from tests.processes.target import Target


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, standin: StandIn) -> Iterator[Installation]:
    with production(tmp_path_factory.mktemp("var"), standin.url) as installation:
        yield installation


@pytest.fixture(scope="module")
def api(installation: Installation) -> Api:
    slug = installation.manage("create_workspace", "Acme", "--owner", "owner@acme.example")
    key = installation.manage("create_api_key", slug, "--name", "tests", "--role", "owner")
    return Api(installation.url, key)


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as target:
        yield target


@dataclass
class Watched:
    """One monitor on the target with an integration of its own."""

    api: Api
    standin: StandIn
    monitor: str
    key: str

    def run(self) -> None:
        self.api.post(f"/monitors/{self.monitor}/run/")

    def runs(self) -> list[dict[str, Any]]:
        return self.api.runs(self.monitor)

    def incidents(self, status: str | None = None) -> list[dict[str, Any]]:
        mine = [incident for incident in self.standin.incidents if incident["routing_key"] == self.key]
        return [incident for incident in mine if status in (None, incident["status"])]

    def wait_for_incident(self, status: str, seconds: float) -> dict[str, Any]:
        incidents = wait_for(f"a {status} incident", lambda: self.incidents(status), seconds)
        return incidents[0]


@contextmanager
def frozen(installation: Installation, words: str) -> Iterator[None]:
    pid = installation.pid_of(words)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def monitor_of(watched: Watched) -> dict[str, Any]:
    found: dict[str, Any] = watched.api.get(f"/monitors/{watched.monitor}/")
    return found


def wait_for_state(watched: Watched, state: str, seconds: float) -> None:
    wait_for(f"the state {state}", lambda: monitor_of(watched)["state"] == state, seconds)


def all_finished(runs: list[dict[str, Any]]) -> bool:
    return bool(runs) and all(run["result"] for run in runs)


@pytest.fixture
def watch(api: Api, standin: StandIn, request: pytest.FixtureRequest) -> Any:
    """Makes a monitor on a target, which runs once. Without a schedule it runs on request alone."""

    def watch(target: Target, cron: str = "0 0 1 1 *") -> Watched:
        name = request.node.name
        collection = api.post("/collections/", {"collection": target.collection})
        monitor = api.post(
            "/monitors/",
            {"name": name, "collection": collection["id"], "schedule": {"cron": cron, "timezone": "UTC"}},
        )
        wait_for("the first run", lambda: all_finished(api.runs(monitor["id"])), 30)
        target.arrivals.acquire()
        key = "".join(filter(str.isalnum, name)).ljust(32, "0")[:32]
        integration = {
            "name": name,
            "monitor": monitor["id"],
            "provider": "pagerduty",
            "config": {"integration_key": key, "region": "us"},
        }
        api.post("/integrations/", integration)
        return Watched(api, standin, monitor["id"], key)

    return watch


@pytest.fixture(autouse=True)
def show_output_of_failures(installation: Installation, request: pytest.FixtureRequest) -> Iterator[None]:
    """What the processes print stands in pytest's report."""
    start = len(installation.log.read_text())
    yield
    print(installation.log.read_text()[start:][-20_000:])
