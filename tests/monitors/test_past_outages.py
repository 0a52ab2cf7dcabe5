"""The migration that finds the outages of the past in the stored runs."""

import random
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from monitors.models import Monitor, Outage, Result
from tests.factories import make_monitor, make_run
from workspaces.models import Workspace

migration: Any = import_module("monitors.migrations.0013_past_outages")


def find_again() -> None:
    Outage.objects.all().delete()
    migration.find_outages(apps, connection.schema_editor())


def facts() -> list[dict[str, Any]]:
    fields = ("monitor", "started_at", "ended_at", "ended_because", "cause", "result", "regions")
    return list(Outage.objects.order_by("started_at").values(*fields, "failed_runs", "first_run", "last_run"))


@pytest.mark.parametrize("seed", range(8))
def test_it_finds_what_was_recorded_while_the_runs_ended(
    workspace: Workspace, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "RUNS_READ", 3)
    chance = random.Random(seed)
    regions = ["eu", "us"][: chance.randint(1, 2)]
    monitor = make_monitor(workspace, regions=regions)
    results = [Result.SUCCESSFUL, Result.SUCCESSFUL, Result.FAILURE, Result.ERROR, Result.SYSTEM_ERROR]
    for minutes in range(40, 0, -1):
        result = chance.choice(results)
        make_run(monitor, result, minutes, region=chance.choice(regions), summary=f"{result} {minutes}")
    recorded = facts()
    assert recorded
    find_again()
    assert facts() == recorded


def test_one_that_was_interrupted_goes_on_with_the_rest(workspace: Workspace) -> None:
    for name in ("Checkout", "Search", "Sign-up"):
        make_run(make_monitor(workspace, name), Result.FAILURE, 5)
    Outage.objects.exclude(monitor__name="Search").delete()
    kept = Outage.objects.get()
    migration.find_outages(apps, connection.schema_editor())
    assert Outage.objects.count() == 3
    assert kept in Outage.objects.all()


def test_a_failing_monitor_without_runs_has_an_open_outage(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    since = timezone.now()
    Monitor.objects.update(failing_since=since)
    find_again()
    outage = Outage.objects.get()
    assert (outage.monitor, outage.started_at, outage.ended_at) == (monitor, since, None)


def test_the_outage_of_a_paused_monitor_ended_with_its_pause(workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    make_run(monitor, Result.FAILURE, 5)
    monitor.pause(outage_is_over=False)
    find_again()
    outage = Outage.objects.get()
    assert (outage.ended_at, outage.ended_because) == (monitor.paused_at, "monitor_paused")
