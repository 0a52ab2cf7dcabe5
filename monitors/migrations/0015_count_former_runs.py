"""Stores the mean of a run's response times, and counts the runs that there are in roll-ups.

It is done in batches, each a transaction of its own. When it is interrupted, the next start goes on.
"""

from datetime import UTC

from django.db import migrations, models, transaction
from django.db.models import Avg, F, Max, OuterRef, Subquery
from django.db.models.functions import Cast, Coalesce, Round

from monitors.figures import Tally, columns_of

BATCH = 5000


def note_since_when_regions_are_watched(apps, schema_editor):
    Monitor = apps.get_model("monitors", "Monitor")
    created_at = Monitor._base_manager.filter(pk=OuterRef("monitor")).values("created_at")
    apps.get_model("monitors", "RegionStatus").objects.update(added_at=Subquery(created_at))


def store_mean_response_times(apps, schema_editor):
    """A run without stored requests keeps what it has. To do it twice changes nothing."""
    Run = apps.get_model("monitors", "Run")
    RequestResult = apps.get_model("monitors", "RequestResult")
    of_run = RequestResult.objects.filter(run=OuterRef("pk"), counts=True, response_time_ms__isnull=False)
    mean = of_run.order_by().values("run").annotate(mean=Avg("response_time_ms")).values("mean")
    mean = Cast(Round(Subquery(mean)), models.PositiveIntegerField())
    last = Run.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, BATCH):
        runs = Run.objects.filter(pk__gt=first, pk__lte=first + BATCH, status="finished")
        runs.update(response_time_ms=Coalesce(mean, F("response_time_ms")))


def count_runs(apps, schema_editor):
    """A monitor with roll-ups was done before."""
    Monitor = apps.get_model("monitors", "Monitor")
    RollUp = apps.get_model("monitors", "RollUp")
    done = RollUp.objects.order_by().values("monitor")
    monitors = Monitor._base_manager.filter(deleted_at=None).exclude(pk__in=done)
    for monitor in list(monitors.values_list("pk", flat=True)):
        with transaction.atomic():
            count_runs_of(monitor, apps)


def count_runs_of(monitor, apps):
    runs = apps.get_model("monitors", "Run").objects.filter(monitor=monitor, finished_at__isnull=False)
    names = ("pk", "region", "finished_at", "result", "response_time_ms", "request_count")
    hours = {}
    for pk, region, finished_at, result, response_time, requests in (
        runs.order_by("pk").values_list(*names).iterator(BATCH)
    ):
        start = finished_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        tally = hours.setdefault((region, start), Tally())
        tally.add_run(pk, finished_at.minute // 10, result, response_time if requests else None)
    days, latest = {}, {}
    for region, start in hours:
        latest[region] = max(start, latest.get(region, start))
    RollUp = apps.get_model("monitors", "RollUp")
    rows = []
    for (region, start), tally in hours.items():
        is_open = start == latest[region]
        key = {"monitor_id": monitor, "region": region, "start": start, "is_open": is_open}
        rows.append(RollUp(period="hour", **key, **columns_of(tally)))
        if not is_open:
            day = days.setdefault((region, start.replace(hour=0)), Tally())
            day.add_part(start.hour, tally)
    for (region, start), tally in days.items():
        key = {"monitor_id": monitor, "region": region, "start": start}
        rows.append(RollUp(period="day", **key, **columns_of(tally)))
    RollUp.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("monitors", "0014_roll_ups_and_gaps")]

    operations = [
        migrations.RunPython(note_since_when_regions_are_watched, migrations.RunPython.noop),
        migrations.RunPython(store_mean_response_times, migrations.RunPython.noop),
        migrations.RunPython(count_runs, migrations.RunPython.noop),
    ]
