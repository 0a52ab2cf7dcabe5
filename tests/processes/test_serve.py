"""Postwatch's own processes, as `make serve` starts them, from a failing API to PagerDuty and back."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from integrations.pagerduty.standin import StandIn
from tests.processes.conftest import Watched
from tests.processes.installation import Installation, children_of, wait_for
from tests.processes.target import Target

pytestmark = pytest.mark.processes

LEASE_SECONDS = 30
RETRY_SECONDS = 30
Watch = Callable[..., Watched]


def test_a_scheduled_failure_opens_an_incident_and_a_good_run_resolves_it(
    watch: Watch, target: Target
) -> None:
    monitor = watch(target, cron="* * * * *")
    target.status = 500
    incident = monitor.wait_for_incident("triggered", seconds=75)
    assert "is fine" in incident["title"] or "is fine" in str(incident["details"])
    target.status = 200
    monitor.run()
    resolved = monitor.wait_for_incident("resolved", seconds=20)
    assert resolved["number"] == incident["number"]


def test_a_run_whose_worker_is_killed_is_run_again_and_pages_once(
    watch: Watch, target: Target, installation: Installation
) -> None:
    monitor = watch(target)
    target.status = 500
    target.gate.clear()
    monitor.run()
    assert target.arrivals.acquire(timeout=20), "The run did not start."

    os.kill(installation.pid_of("runs.default"), signal.SIGKILL)
    target.gate.set()

    monitor.wait_for_incident("triggered", seconds=LEASE_SECONDS + 30)
    assert [run["result"] for run in monitor.runs()] == ["failure", "successful"]
    assert len(monitor.incidents()) == 1
    assert [event["body"]["event_action"] for event in events_of(monitor)] == ["trigger"]


def test_an_incident_waits_for_pagerduty_to_be_back(watch: Watch, target: Target, standin: StandIn) -> None:
    monitor = watch(target)
    target.status = 500
    standin.stop()
    try:
        monitor.run()
        wait_for("the run", lambda: monitor.runs()[0]["result"] == "failure", 30)
    finally:
        standin.start()
    monitor.wait_for_incident("triggered", seconds=RETRY_SECONDS * 1.2 + 20)
    assert len(monitor.incidents()) == 1


# The last one, since it ends the processes.
def test_ctrl_c_leaves_no_process_behind(installation: Installation) -> None:
    family = children_of(installation.process.pid)
    assert len(family) >= 4
    assert installation.stop() == []
    assert installation.process.returncode == 0


def events_of(monitor: Watched) -> list[dict[str, Any]]:
    return [event for event in monitor.standin.events if event["body"]["routing_key"] == monitor.key]
