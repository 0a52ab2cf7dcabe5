"""The workspace that the scenarios play in, and how they run its monitors and wait for them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from integrations.models import Delivery, Integration
from monitors.models import Collection, Monitor, Run
from tests.chaos.house import Shop
from tests.chaos.services import Postgres, Redis
from workspaces.models import User, Workspace

MONITORS_PER_KEY = 10
"""PagerDuty takes about 120 calls a minute for one key, and so a key must not serve too many."""
NEVER = "0 0 1 1 *"
DRAIN_SECONDS = 420
"""An event that failed four times waits five minutes, give or take a fifth."""


class Stage:
    """One workspace with its monitors, and what the world around it holds."""

    def __init__(self, monitors: int, failures: int, folder: Path, redis: Redis, postgres: Postgres) -> None:
        self.folder, self.redis, self.postgres = folder, redis, postgres
        self.count = monitors
        self.failures = failures
        self.shop = Shop(monitors + failures)
        self.problems: list[str] = []

    def check(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(what)
            print(f"  NOT SO: {what}")


def make_monitors(stage: Stage, shop_url: str) -> None:
    workspace = Workspace.create_with_owner("Chaos", User.objects.create_user("chaos@example.com"))
    for number in range(stage.count + stage.failures):
        collection = Collection.objects.create(workspace=workspace, name=f"Shop {number}")
        collection.add_version(collection_of(f"{shop_url}/{number}"), by=None)
        monitor = Monitor.objects.create(
            workspace=workspace,
            name=f"Shop {number}",
            collection=collection,
            cron="* * * * *" if number < stage.count else NEVER,
        )
        Integration.objects.create(
            workspace=workspace,
            name=f"Shop {number}",
            monitor=monitor,
            provider="pagerduty",
            config={
                "integration_key": f"{number // MONITORS_PER_KEY:0>32}".replace("0", "a"),
                "region": "us",
            },
        )


def collection_of(url: str) -> dict[str, Any]:
    test = "pm.test('The shop is open', () => pm.response.to.have.status(200))"
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    event = {"listen": "test", "script": {"exec": [test]}}
    item = {"name": "Open the shop", "request": {"method": "GET", "url": url}, "event": [event]}
    return {"info": {"name": url, "schema": schema}, "item": [item]}


def run(number: int) -> None:
    """As the button does, unless a run of it is under way."""

    def queue() -> None:
        monitor = Monitor.objects.get(name=f"Shop {number}")
        if not Run.objects.filter(monitor=monitor).unfinished().exists():
            monitor.run_now()

    patiently(queue)


def patiently(act: Callable[[], Any]) -> Any:
    """The database is restarted now and then."""
    for _ in range(100):
        try:
            close_old_connections()
            return act()
        except OperationalError:
            connection.close()
            time.sleep(0.2)
    raise SystemExit("The database stayed away.")


def settle(stage: Stage, deliveries: bool = True, seconds: float = DRAIN_SECONDS) -> None:
    """Waits until nothing is due, queued, running or to be sent: after a downtime monitors are made due."""
    start = time.monotonic()

    def left() -> tuple[int, int, int]:
        return (
            Monitor.objects.due(timezone.now()).count(),
            Run.objects.unfinished().count(),
            Delivery.objects.unfinished().count() if deliveries else 0,
        )

    while any(patiently(left)):
        if time.monotonic() - start > seconds:
            stage.check(False, f"the queues drained within {seconds:g} s: left {left()}")
            return
        time.sleep(0.5)
    if deliveries:
        print(f"  the queues drained in {time.monotonic() - start:.0f} s")
