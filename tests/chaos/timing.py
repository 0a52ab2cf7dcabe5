"""How long an event takes from the end of a failing run, and what each process works for it."""

import os
import statistics
import time

from django.db.models import DurationField, ExpressionWrapper, F

from integrations.models import Delivery
from monitors.models import Monitor
from tests.bench.processes import cpu_seconds, usage
from tests.chaos.house import House, PagerDuty
from tests.chaos.stage import Stage, settle

FAILURES_PER_SECOND = 50


def time_the_events(stage: Stage, house: House, pagerduty: PagerDuty, seconds: float) -> None:
    """Runs every monitor that is there for this once, and looks at how old their events are when accepted."""
    print(f"\n{stage.failures} failing runs, {FAILURES_PER_SECOND} a second")
    names = [f"Shop {stage.count + number}" for number in range(stage.failures)]
    by_name = {monitor.name: monitor for monitor in Monitor.objects.filter(name__in=names)}
    stage.shop.broken[stage.count :] = [True] * stage.failures
    house.keep_one_of_each()
    before = work_of_each(stage, house, pagerduty)
    start = time.monotonic()
    for number, name in enumerate(names):
        time.sleep(max(0, start + number / FAILURES_PER_SECOND - time.monotonic()))
        by_name[name].run_now()
    asked_for = time.monotonic() - start
    settle(stage)
    after = work_of_each(stage, house, pagerduty)
    ages = ages_of_events(list(by_name.values()))
    median, late = statistics.median(ages), ages[int(len(ages) * 0.99) - 1]
    print(f"  asked for within {asked_for:.1f} s")
    for name, worked in after.items():
        print(f"  {name:<28}{(worked - before[name]) / stage.failures * 1000:6.1f} ms of CPU time a run")
    print(f"  end of the run to the accepted event: median {median:.3f} s, 99 of 100 within {late:.3f} s")
    stage.check(len(ages) == stage.failures, "every failing run was reported")
    stage.check(late < seconds, f"99 of 100 events are accepted within {seconds:g} s")


def ages_of_events(monitors: list[Monitor]) -> list[float]:
    """Seconds from the end of a run to its accepted event, the shortest first."""
    age = ExpressionWrapper(F("finished_at") - F("run__finished_at"), output_field=DurationField())
    accepted = Delivery.objects.filter(monitor__in=monitors, status="accepted")
    return sorted(found.total_seconds() for found in accepted.values_list(age, flat=True))


def work_of_each(stage: Stage, house: House, pagerduty: PagerDuty) -> dict[str, float]:
    """CPU seconds so far."""
    workers = [process.child.pid for process in house.workers if process.name.startswith("worker")]
    dispatchers = [process.child.pid for process in house.workers if process.name.startswith("dispatch")]
    alone = sum(usage(pid).user + usage(pid).system for pid in workers)
    times = os.times()
    return {
        "workers": alone,
        "sandboxes of the workers": sum(map(cpu_seconds, workers)) - alone,
        "dispatchers": sum(map(cpu_seconds, dispatchers)),
        "schedulers": sum(cpu_seconds(process.child.pid) for process in house.schedulers),
        "PostgreSQL": cpu_seconds(stage.postgres.pid),
        "Redis": cpu_seconds(stage.redis.process.pid),
        "PagerDuty's stand-in": cpu_seconds(pagerduty.process.child.pid),
        "the shop and this program": times.user + times.system,
    }
