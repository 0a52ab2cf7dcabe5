"""Asks for each page of a long history again and again. See tests.bench.pages."""

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitors.models import Monitor, RegionStatus, Run
from tests.addresses import Things, fill, routes
from tests.bench.pages import GOAL_MS
from tests.conftest import make_member, signed_in
from workspaces.models import ApiKey, Role, Workspace

SLUG = "history"
API = "api/v1/"
NOT_MEASURED = ("accounts/", "admin/", "api/docs/", "api/schema/", "integrations/email/summaries/")
"""Pages that do not depend on how much there is, and those of operators."""


@dataclass(frozen=True)
class Measured:
    """One address: what it answered, and how long each time took."""

    address: str
    status: int
    queries: int
    seconds: list[float]

    @property
    def median_ms(self) -> float:
        return 1000 * statistics.median(self.seconds)

    @property
    def p95_ms(self) -> float:
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def measure(options: argparse.Namespace) -> int:
    """Prints the figures of one database. Returns 1 when one of PostgreSQL misses the goal."""
    with_database(options)
    is_postgresql = connection.vendor == "postgresql"
    print(f"\n{connection.vendor}: {Monitor.objects.count():,} monitors, {Run.objects.count():,} runs")
    print(f"{'median':>9}{'95 %':>9}{'queries':>9}  address")
    slow = 0
    # Nothing that the measurement adds is kept.
    with transaction.atomic():
        for each in measurements(options.rounds):
            is_slow = is_postgresql and each.p95_ms > GOAL_MS
            slow += is_slow
            mark = "  slow" if is_slow else "" if each.status == 200 else f"  {each.status}"
            print(
                f"{each.median_ms:6.1f} ms{each.p95_ms:6.1f} ms{each.queries:9}  {each.address}{mark}",
                flush=True,
            )
        transaction.set_rollback(True)
    if not options.keep:
        drop_database()
    if slow:
        print(f"{slow} take longer than {GOAL_MS} ms.")
    return 1 if slow else 0


def measurements(rounds: int) -> Iterator[Measured]:
    workspace = Workspace.objects.get(slug=SLUG)
    addresses = list(measured_addresses(workspace))
    person = signed_in(make_member(workspace, "bench@acme.example", Role.OWNER))
    _, key = ApiKey.issue(workspace, "Bench", Role.OWNER)
    program = Client(headers={"X-Api-Key": key})
    for address in addresses:
        yield measured(program if address.startswith(f"/{API}") else person, address, rounds)


def measured(client: Client, address: str, rounds: int) -> Measured:
    with CaptureQueriesContext(connection) as captured:
        status = client.get(address).status_code
        queries = len(captured)
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        client.get(address)
        seconds.append(time.perf_counter() - started)
    return Measured(address, status, queries, seconds)


def measured_addresses(workspace: Workspace) -> Iterator[str]:
    """Every page and every list, and the same with filters."""
    things = busy_things(workspace)
    for route in routes():
        is_action = "get" not in route.methods
        if not route.text.startswith(NOT_MEASURED) and not is_action and "<uidb36>" not in route.text:
            yield route.address(workspace, things)
    monitor = things["monitors"]
    since = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query in ("q=orders+eu", "q=nothing", "state=failing", "sort=-last", "sort=-time", "tag=checkout"):
        yield f"/w/{workspace.slug}/monitors/?{query}"
        if not query.startswith("sort"):
            yield f"/{API}monitors/?{query}"
    yield f"/w/{workspace.slug}/monitors/?page=last"
    for query in (
        f"since={since}", f"until={since}", "result=failure", f"monitor={monitor.pk}", "text=500",
        f"monitor={monitor.pk}&request=Sign+in", f"monitor={monitor.pk}&since={since}&text=refused",
    ):  # fmt: skip
        yield f"/{API}runs/?{query}"


def busy_things(workspace: Workspace) -> Things:
    """One of everything; the monitor and the run are of the history."""
    things: dict[str, Any] = dict(fill(workspace))
    monitors = Monitor.objects.for_workspace(workspace).filter(name__contains="EU")
    monitor = monitors.failing().first() or monitors.earliest("created_at")
    runs = Run.objects.filter(monitor=monitor)
    things["monitors"], things["runs"] = monitor, runs.failed().first() or runs.first()
    things["collections"] = monitor.collection
    return things


def with_database(options: argparse.Namespace) -> None:
    """Makes and fills the database, unless one was kept."""
    if connection.vendor == "postgresql":
        create_postgresql_database()
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    if not Workspace.objects.filter(slug=SLUG).exists():
        make_history(options)
    # As if the last runs had ended just now: in a history of yesterday all monitors would be late.
    now = timezone.now()
    RegionStatus.objects.update(since=now, late_at=now + timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def make_history(options: argparse.Namespace) -> None:
    days = options.runs / options.monitors * options.every / (24 * 60) / 1.5
    call_command("make_history", monitors=options.monitors, days=days, every=options.every)


def create_postgresql_database() -> None:
    name = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')


def drop_database() -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    if connection.vendor == "postgresql":
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    else:
        for file in Path(name).parent.glob(f"{Path(name).name}*"):
            file.unlink()
