"""What is played, and what must be true afterwards."""

import argparse
import os
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from integrations.models import Delivery, Incident, Integration
from monitors.models import Collection, Monitor, Result, Run
from tests.chaos.house import House, PagerDuty, Shop
from tests.chaos.services import Postgres, Redis
from tests.integrations.pagerduty.schema import event_errors
from workspaces.models import User, Workspace

MONITORS_PER_KEY = 10
"""PagerDuty takes about 120 calls a minute for one key, and so a key must not serve too many."""
SECONDS_BETWEEN_RUNS = 6
FAILURES_PER_SECOND = 50


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


def play(
    args: argparse.Namespace, folder: Path, pagerduty: PagerDuty, postgres: Postgres, redis: Redis
) -> int:
    stage = Stage(args.monitors, args.failures, folder, redis, postgres)
    with stage.shop.serve() as shop_url:
        call_command("migrate", verbosity=0)
        make_monitors(stage, shop_url)
        house = House(dict(os.environ), folder)
        try:
            house.add_workers(3)
            house.add_schedulers(2)
            share_the_work(stage, pagerduty, args.calm_seconds)
            break_everything(stage, pagerduty, house, args.seconds)
            time_the_events(stage)
            check_bodies(stage, pagerduty)
        finally:
            house.stop()
            connection.close()
    print("\nEverything held." if not stage.problems else f"\n{len(stage.problems)} did not hold.")
    return 1 if stage.problems else 0


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


NEVER = "0 0 1 1 *"


def collection_of(url: str) -> dict[str, Any]:
    test = "pm.test('The shop is open', () => pm.response.to.have.status(200))"
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    event = {"listen": "test", "script": {"exec": [test]}}
    item = {"name": "Open the shop", "request": {"method": "GET", "url": url}, "event": [event]}
    return {"info": {"name": url, "schema": schema}, "item": [item]}


def share_the_work(stage: Stage, pagerduty: PagerDuty, seconds: float) -> None:
    """Two schedulers and three workers at once, and nothing goes wrong."""
    print(f"Two schedulers and three workers share {stage.count} monitors for {seconds:g} s")
    with shops_that_fail_and_recover(stage):
        time.sleep(seconds)
    settle(stage)
    runs = Run.objects.count()
    print(f"  runs {runs}, requests that reached the shop {stage.shop.hits}")
    stage.check(runs > 0 and runs == stage.shop.hits, "every run was executed once")
    disordered = [event["effect"] for event in pagerduty.get("events") if not in_turn(event["effect"])]
    print(f"  events that found PagerDuty otherwise than expected {len(disordered)} {disordered[:3]}")
    stage.check(not disordered, "each event came in its turn")
    compare(stage, pagerduty)


def in_turn(effect: str) -> bool:
    """A trigger that opens an incident, a resolve that resolves one."""
    return effect.startswith(("opened", "resolved"))


def break_everything(stage: Stage, pagerduty: PagerDuty, house: House, seconds: float) -> None:
    print(f"\n{stage.count} monitors fail and recover for {seconds:g} s while everything breaks")
    troubles: list[tuple[float, Callable[[], None]]] = [
        *((at, lambda: kill_a_worker(house)) for at in range(10, int(seconds), 10)),
        *((at, lambda: annoy(pagerduty)) for at in range(5, int(seconds), 7)),
        *((seconds * part, stage.redis.empty) for part in (0.3, 0.65)),
        (seconds * 0.45, lambda: pagerduty.down_for(min(30, seconds / 4))),
        (seconds * 0.8, stage.postgres.restart),
    ]
    start = time.monotonic()
    with shops_that_fail_and_recover(stage):
        threads = []
        for at, trouble in sorted(troubles, key=lambda pair: pair[0]):
            time.sleep(max(0, start + at - time.monotonic()))
            threads.append(threading.Thread(target=trouble))
            threads[-1].start()
        time.sleep(max(0, start + seconds - time.monotonic()))
        for thread in threads:
            thread.join()
    settle(stage)
    compare(stage, pagerduty)


def kill_a_worker(house: House) -> None:
    for kind in ("worker", "dispatch"):
        random.choice([process for process in house.workers if process.name.startswith(kind)]).restart()


def annoy(pagerduty: PagerDuty) -> None:
    """The stand-in may be down at this moment, which is trouble enough."""
    if pagerduty.is_up:
        pagerduty.add_faults(
            {"status": 429, "times": 3, "retry_after": 2},
            {"status": 500, "times": 2},
            {"drop": True},
            {"drop": "after"},
            {"delay_ms": 4000},
        )


@contextmanager
def shops_that_fail_and_recover(stage: Stage) -> Iterator[None]:
    """Flips shops and runs their monitors, each about every few seconds, until the block ends.

    Then each is run once more, so that the last word is spoken about every shop.
    """
    stopped = threading.Event()
    Monitor.objects.exclude(cron=NEVER).update(next_run_at=timezone.now())

    def flip_and_run() -> None:
        while not stopped.wait(SECONDS_BETWEEN_RUNS / stage.count):
            number = random.randrange(stage.count)
            stage.shop.flip(number)
            run(number)
        connection.close()

    thread = threading.Thread(target=flip_and_run)
    thread.start()
    yield
    stopped.set()
    thread.join()
    patiently(
        lambda: Monitor.objects.exclude(cron=NEVER).update(next_run_at=timezone.now() + timedelta(days=9))
    )
    settle(stage, deliveries=False)
    for number in range(stage.count):
        run(number)


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


def settle(stage: Stage, deliveries: bool = True, seconds: float = 330) -> None:
    """Waits until nothing is queued, running or to be sent."""
    start = time.monotonic()

    def left() -> tuple[int, int]:
        return Run.objects.unfinished().count(), Delivery.objects.unfinished().count() if deliveries else 0

    while any(patiently(left)):
        if time.monotonic() - start > seconds:
            stage.check(False, f"the queues drained within {seconds:g} s: runs and deliveries left {left()}")
            return
        time.sleep(0.5)
    if deliveries:
        print(f"  the queues drained in {time.monotonic() - start:.0f} s")


def compare(stage: Stage, pagerduty: PagerDuty) -> None:
    """What Postwatch recorded and what PagerDuty holds."""
    at_pagerduty: dict[str, list[str]] = defaultdict(list)
    for incident in pagerduty.get("incidents"):
        at_pagerduty[incident["dedup_key"]].append(incident["status"])
    told = Incident.objects.filter(deliveries__action="trigger", deliveries__state="accepted").distinct()
    maybe = {incident.pk for incident in Incident.objects.all() if incident.was_told} - {i.pk for i in told}
    doubtful = [incident for incident in Incident.objects.filter(pk__in=maybe) if incident.is_open]
    keys = {incident.monitor_id: incident.dedup_key for incident in Incident.objects.all()}
    opened = sum(map(len, at_pagerduty.values()))
    wrong = twice = 0
    for monitor in Monitor.objects.select_related("last_run").exclude(last_run=None):
        statuses = at_pagerduty.get(keys.get(monitor.pk, ""), [])
        open_here = sum(status != "resolved" for status in statuses)
        assert monitor.last_run is not None
        wrong += (open_here > 0) != (monitor.last_run.result != Result.SUCCESSFUL)
        twice += open_here > 1
    unsent = (
        Delivery.objects.unfinished().count()
        + Delivery.objects.filter(state__in=["rejected", "given_up"]).count()
    )
    by_result = {result.value: Run.objects.filter(result=result).count() for result in Result}
    print(f"  runs {by_result}")
    print(f"  outages told {told.count()}, perhaps told {len(maybe)}, incidents at PagerDuty {opened}")
    print(f"  outages over before anyone was told {Incident.objects.count() - told.count() - len(maybe)}")
    print(f"  monitors whose incident does not match their last run {wrong}, with two open incidents {twice}")
    print(f"  deliveries lost or stuck {unsent}, resolves without a trigger {resolves_alone(pagerduty)}")
    stage.check(
        opened > 0 and told.count() <= opened <= told.count() + len(maybe), "one incident for each outage"
    )
    stage.check(not doubtful, "no incident is open that PagerDuty may not know of")
    stage.check(wrong == 0, "an incident is open exactly where the last run failed")
    stage.check(twice == 0, "no monitor has two open incidents")
    stage.check(unsent == 0, "no delivery is lost or stuck")
    stage.check(resolves_alone(pagerduty) == 0, "no resolve without a trigger")
    stage.check(by_result["system_error"] < Run.objects.count() / 10, "nearly every run came to an end")


def resolves_alone(pagerduty: PagerDuty) -> int:
    """Resolves whose incident was never triggered, by the order in which events arrived, taken or not."""
    triggered: set[str] = set()
    alone = 0
    for event in pagerduty.get("events"):
        body = event["body"]
        if body["event_action"] == "trigger":
            triggered.add(body["dedup_key"])
        elif body["dedup_key"] not in triggered:
            alone += 1
    return alone


def time_the_events(stage: Stage) -> None:
    """From the end of a failing run to the event's acceptance."""
    print(f"\n{stage.failures} failing runs, {FAILURES_PER_SECOND} a second")
    start = time.monotonic()
    for number in range(stage.failures):
        time.sleep(max(0, start + number / FAILURES_PER_SECOND - time.monotonic()))
        stage.shop.broken[stage.count + number] = True
        run(stage.count + number)
    settle(stage)
    last = {f"Shop {number}" for number in range(stage.count, stage.count + stage.failures)}
    sent = Delivery.objects.filter(monitor__name__in=last, state="accepted").select_related("run")
    seconds = sorted(map(seconds_after_its_run, sent))
    median, late = statistics.median(seconds), seconds[int(len(seconds) * 0.99) - 1]
    print(f"  end of the run to the accepted event: median {median:.3f} s, 99 of 100 within {late:.3f} s")
    stage.check(len(seconds) == stage.failures, "every failing run was told")
    stage.check(late < 1, "99 of 100 events are accepted within a second")


def seconds_after_its_run(delivery: Any) -> float:
    seconds: float = (delivery.finished_at - delivery.run.finished_at).total_seconds()
    return seconds


def check_bodies(stage: Stage, pagerduty: PagerDuty) -> None:
    bodies = [event["body"] for event in pagerduty.get("events")]
    wrong = [error for body in bodies for error in event_errors(body)]
    print(f"\n{len(bodies)} bodies against the schema of the Events API: {len(wrong)} errors {wrong[:3]}")
    stage.check(not wrong, "every body is as PagerDuty documents it")
