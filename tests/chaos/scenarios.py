"""What happens to the installation, and what must be true afterwards."""

import argparse
import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from integrations.models import Delivery, Incident
from monitors.models import Monitor, Result, Run
from tests.chaos.house import House, PagerDuty
from tests.chaos.services import Postgres, Redis
from tests.chaos.stage import NEVER, Stage, make_monitors, patiently, run, settle
from tests.chaos.timing import time_the_events
from tests.integrations.pagerduty.schema import event_errors

SECONDS_BETWEEN_RUNS = 6


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
            if args.monitors:
                share_the_work(stage, pagerduty, args.calm_seconds)
                break_everything(stage, pagerduty, house, args.seconds)
            if args.failures:
                time_the_events(stage, house, pagerduty, args.within)
            check_bodies(stage, pagerduty)
        finally:
            house.stop()
            connection.close()
    print("\nEverything held." if not stage.problems else f"\n{len(stage.problems)} did not hold.")
    return 1 if stage.problems else 0


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
        pagerduty.forget_faults()
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


def compare(stage: Stage, pagerduty: PagerDuty) -> None:
    """What Postwatch recorded and what PagerDuty holds."""
    at_pagerduty: dict[str, list[str]] = defaultdict(list)
    for incident in pagerduty.get("incidents"):
        at_pagerduty[incident["dedup_key"]].append(incident["status"])
    notified = Incident.objects.filter(deliveries__action="trigger", deliveries__status="accepted").distinct()
    maybe = {incident.pk for incident in Incident.objects.all() if incident.possibly_delivered} - {
        i.pk for i in notified
    }
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
        + Delivery.objects.filter(status__in=["rejected", "given_up"]).count()
    )
    by_result = {result.value: Run.objects.filter(result=result).count() for result in Result}
    print(f"  runs {by_result}")
    certain, possible = notified.count(), len(maybe)
    print(f"  outages sent {certain}, perhaps sent {possible}, incidents at PagerDuty {opened}")
    print(f"  outages over before anyone was notified {Incident.objects.count() - certain - possible}")
    print(f"  monitors whose incident does not match their last run {wrong}, with two open incidents {twice}")
    print(f"  deliveries lost or stuck {unsent}, resolves without a trigger {resolves_alone(pagerduty)}")
    stage.check(
        opened > 0 and certain <= opened <= certain + possible,
        "one incident for each outage",
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


def check_bodies(stage: Stage, pagerduty: PagerDuty) -> None:
    bodies = [event["body"] for event in pagerduty.get("events")]
    wrong = [error for body in bodies for error in event_errors(body)]
    print(f"\n{len(bodies)} bodies against the schema of the Events API: {len(wrong)} errors {wrong[:3]}")
    stage.check(not wrong, "every body is as PagerDuty documents it")
