"""Stores runs as the scheduler and the worker do, and prints what each costs. See tests.bench.storage."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from monitors.models import Monitor, Run
from monitors.results import store_report
from monitors.runner.report import (
    Assertion,
    ConsoleEntry,
    Execution,
    Phases,
    RequestLine,
    ResponseSummary,
    RunReport,
    SentRequest,
)
from monitors.scheduling import schedule_due
from tests.factories import make_monitor, make_user
from workspaces.models import Workspace

MONITORS = 20
VACUUM_EVERY = 400
"""Runs after which the space of old row versions is free again, as autovacuum does in a table that grows."""
REQUESTS = [
    ("Log in", "Accounts", "POST", "https://api.shop.example/v2/auth/login", 200),
    ("List products", "Catalog", "GET", "https://api.shop.example/v2/products?page=1&limit=20", 200),
    ("Product details", "Catalog", "GET", "https://api.shop.example/v2/products/4711", 200),
    ("Create cart", "Cart", "POST", "https://api.shop.example/v2/carts", 201),
    ("Place the order", "Orders", "POST", "https://api.shop.example/v2/orders", 201),
]
TESTS = ("Status code is {}", "{} responds in less than 500 ms")
TABLES = ("monitors_run", "monitors_rundetail")
MAX_BYTES = 1000


def report_of_a_passed_run(dice: random.Random) -> RunReport:
    report = RunReport("Shop API")
    at = 0
    for index, (name, folder, method, url, code) in enumerate(REQUESTS):
        wait, download = dice.randint(15, 320), dice.randint(0, 9)
        phases = Phases(None, None, None, 0, wait, download)
        if index == 0:
            phases.dns, phases.connect, phases.tls = (dice.randint(low, 12) for low in (0, 1, 2))
        total = sum(filter(None, vars(phases).values()))
        response = ResponseSummary(code, "", total, dice.randint(80, 90_000), phases=phases)
        sent = SentRequest(RequestLine(method, url), response, started_ms=at, elapsed_ms=total)
        assertions = [Assertion(text.format(code if "{}" in text[-2:] else name), True) for text in TESTS]
        report.executions.append(
            Execution(f"item-{index}", name, (folder,), sent=[sent], assertions=assertions)
        )
        at += total + dice.randint(2, 12)
    report.console = [
        ConsoleEntry("stage", "Preparing run"),
        ConsoleEntry("stage", "Running Shop API", at_ms=1),
        ConsoleEntry("stage", "Result: successful", at_ms=at),
    ]
    report.duration_ms = at
    return report


@contextmanager
def own_database() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


class Counter:
    """Counts statements."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.statements += 1
        return execute(*arguments)


def vacuum() -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM {table}")


def store(run: Run, report: RunReport) -> None:
    run.claim(timezone.now())
    store_report(run, report)


def measure(count: int) -> None:
    """Prints the figures. Fails when a run takes more than MAX_BYTES."""
    dice = random.Random(1)
    with own_database():
        workspace = Workspace.create_with_owner("Shop", make_user("owner@shop.example"))
        for number in range(MONITORS):
            make_monitor(workspace, f"Monitor {number}")
        seconds, statements, stored = 0.0, 0, 0
        while stored < count:
            Monitor.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))
            schedule_due()
            for run in Run.objects.waiting().select_related("monitor__collection__latest"):
                report = report_of_a_passed_run(dice)
                counter = Counter()
                with connection.execute_wrapper(counter):
                    started = time.process_time()
                    store(run, report)
                    seconds += time.process_time() - started
                statements, stored = counter.statements, stored + 1
            if stored % VACUUM_EVERY == 0:
                vacuum()
        vacuum()
        print(f"{stored} passed runs of five requests with two tests each")
        milliseconds = 1000 * seconds / stored
        print(
            f"claimed and stored with {statements} statements, {milliseconds:.2f} ms of processor time each"
        )
        total = sum(print_size(table, stored) for table in TABLES)
        print(f"{total:8.0f} bytes a run in all")
    if total >= MAX_BYTES:
        raise SystemExit(f"A run takes {MAX_BYTES} bytes or more.")


def print_size(table: str, runs: int) -> float:
    """Prints the bytes of a table and of each of its indexes for one run, and returns their sum."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE oid = %s::regclass", [table]
        )
        [(_, with_indexes)] = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index "
            "WHERE indrelid = %s::regclass ORDER BY 2 DESC",
            [table],
        )
        indexes = cursor.fetchall()
    own = with_indexes - sum(size for _, size in indexes)
    for name, size in [(table, own), *indexes]:
        print(f"{size / runs:8.0f} {name}")
    return float(with_indexes / runs)
