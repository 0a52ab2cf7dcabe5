"""Finds the outages of the past in the stored runs, monitor by monitor.

Each monitor is one transaction. A migration that was interrupted goes on with the monitors that have no outage
yet.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

FAILED = ["failure", "error", "abort"]
BATCH = 100
RUNS_READ = 200


def find_outages(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Monitor = apps.get_model("monitors", "Monitor")
    Outage = apps.get_model("monitors", "Outage")
    failed = apps.get_model("monitors", "Run").objects.filter(monitor=OuterRef("pk"), result__in=FAILED)
    has_failed = Q(Exists(failed)) | Q(failing_since__isnull=False)
    left = Monitor.objects.filter(has_failed, ~Exists(Outage.objects.filter(monitor=OuterRef("pk"))))
    monitors = left.order_by("pk")
    while batch := list(monitors[:BATCH]):
        for monitor in batch:
            with transaction.atomic():
                Outage.objects.bulk_create(outages_of(apps, monitor), batch_size=500)
        monitors = left.filter(pk__gt=batch[-1].pk).order_by("pk")


def outages_of(apps: StateApps, monitor: Any) -> Iterator[Any]:
    """The outages of a monitor. A region that it does not have today is left out: nothing says when it went."""
    runs = apps.get_model("monitors", "Run").objects.filter(
        monitor=monitor, region__in=monitor.regions, result__in=["successful", *FAILED]
    )
    is_open, last = is_failing(monitor), 0
    outage = None
    while first := runs.filter(pk__gt=last, result__in=FAILED).order_by("pk").first():
        outage = begun(apps, monitor, first)
        last = follow(outage, first, runs)
        if outage.ended_at is None:
            break
        yield outage
        outage = None
    if is_open:
        outage = outage or begun(apps, monitor, None)
        outage.started_at = monitor.failing_since
        yield outage
    elif outage:
        end(outage, monitor.paused_at or timezone.now(), "monitor_paused" if monitor.paused_at else "recovered")
        yield outage


def is_failing(monitor: Any) -> bool:
    return bool(monitor.failing_since and monitor.paused_at is None and monitor.deleted_at is None)


def begun(apps: StateApps, monitor: Any, run: Any) -> Any:
    """An outage that begins with this run, or with one that is not stored any more."""
    return apps.get_model("monitors", "Outage")(
        workspace_id=monitor.workspace_id,
        monitor=monitor,
        monitor_name=monitor.name,
        started_at=run.finished_at if run else monitor.failing_since,
        cause=run.summary if run else "",
        result=run.result if run else "",
        regions=[run.region] if run else [],
        first_run=run,
        last_run=run,
        failed_runs=1 if run else max(1, monitor.consecutive_failures),
    )


def follow(outage: Any, first: Any, runs: Any) -> int:
    """Counts the runs until all regions are good again. Returns the id of the last one."""
    failing, last = {first.region}, first.pk
    for last, region, result, finished_at in after(runs, first.pk):
        if result == "successful":
            failing.discard(region)
        else:
            failing.add(region)
            outage.failed_runs += 1
            outage.regions = list(dict.fromkeys([*outage.regions, region]))
            outage.last_run_id = last
        if not failing:
            outage.last_run_id = last
            end(outage, finished_at, "recovered")
            break
    return last


def after(runs: Any, pk: int) -> Iterator[tuple[int, str, str, datetime]]:
    while rows := list(
        runs.filter(pk__gt=pk).order_by("pk").values_list("pk", "region", "result", "finished_at")[:RUNS_READ]
    ):
        yield from rows
        pk = rows[-1][0]


def end(outage: Any, at: datetime, because: str) -> None:
    outage.ended_at, outage.ended_because = max(at, outage.started_at), because


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("monitors", "0012_outages")]

    operations = [migrations.RunPython(find_outages, migrations.RunPython.noop)]
