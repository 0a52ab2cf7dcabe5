"""Workers that are frozen, killed or busy: what the API says of the monitors, and who has to wait."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.processes.conftest import Watched, frozen, monitor_of, wait_for_state
from tests.processes.installation import Api, Installation, wait_for
from tests.processes.target import Target

pytestmark = pytest.mark.processes

Watch = Callable[..., Watched]
REWIND = """
from datetime import timedelta
from django.db.models import F
from monitors.models import RegionStatus
span = timedelta(minutes=4)
RegionStatus.objects.update(since=F("since") - span, late_at=F("late_at") - span)
"""
RUNS_OF_EACH = 10
LEASE_SECONDS = 30


def rewind(installation: Installation) -> None:
    """As if four minutes had gone by since the last runs."""
    installation.manage("shell", "--no-imports", "--command", REWIND)


@pytest.mark.parametrize("words", ["runs.default", " beat "])
def test_what_a_frozen_process_leaves_unwatched_is_late_until_it_goes_on(
    words: str, watch: Watch, target: Target, installation: Installation
) -> None:
    monitor = watch(target, cron="* * * * *")
    monitor.run()
    wait_for("its runs", lambda: all(run["result"] for run in monitor.runs()), 30)
    with frozen(installation, words):
        rewind(installation)
        # A run that was just under way counts until its lease is over.
        wait_for_state(monitor, "late", LEASE_SECONDS + 10)
        found = monitor_of(monitor)
        assert [late["region"] for late in found["late_regions"]] == ["default"]
    monitor.run()
    wait_for_state(monitor, "up", 30)


def test_runs_of_a_killed_worker_leave_the_monitor_late_until_another_takes_them(
    watch: Watch, target: Target, installation: Installation
) -> None:
    monitor = watch(target, cron="* * * * *")
    monitor.run()
    wait_for("its runs", lambda: all(run["result"] for run in monitor.runs()), 30)
    while target.arrivals.acquire(blocking=False):
        pass
    target.gate.clear()
    monitor.run()
    assert target.arrivals.acquire(timeout=30)
    rewind(installation)
    assert monitor_of(monitor)["state"] != "late", "A run under way is not late."
    os.kill(installation.pid_of("runs.default"), signal.SIGKILL)
    wait_for_state(monitor, "late", LEASE_SECONDS + 10)
    target.gate.set()
    wait_for_state(monitor, "up", 60)


def test_slow_runs_of_two_workspaces_leave_a_third_its_slot(
    installation: Installation, target: Target
) -> None:
    target.gate.clear()
    slow = [api_of(installation, name) for name in ("First", "Second")]
    for api in slow:
        collection = api.post("/collections/", {"collection": target.collection})["id"]
        for number in range(RUNS_OF_EACH):
            run_new_monitor(api, collection, f"Slow {number}")
    wait_for("slow runs", lambda: target.arrivals.acquire(blocking=False), 30)
    third = api_of(installation, "Third")
    with Target() as quick:
        collection = third.post("/collections/", {"collection": quick.collection})["id"]
        monitor = run_new_monitor(third, collection, "Quick")
        wait_for("the third workspace's run", lambda: third.runs(monitor)[0]["result"] == "successful", 20)
    for api in slow:
        assert api.get("/runs/", status="running")["results"]


def api_of(installation: Installation, name: str) -> Api:
    slug = installation.manage("create_workspace", name, "--owner", f"{name.lower()}@acme.example")
    return Api(
        installation.url, installation.manage("create_api_key", slug, "--name", "t", "--role", "owner")
    )


def run_new_monitor(api: Api, collection: str, name: str) -> str:
    schedule = {"cron": "0 0 1 1 *", "timezone": "UTC"}
    pk: str = api.post("/monitors/", {"name": name, "collection": collection, "schedule": schedule})["id"]
    api.post(f"/monitors/{pk}/run/")
    return pk
