"""Moves what runs found out into one row for each run, and numbers the runs of each monitor.

It works in batches, each in a transaction of its own. When it is interrupted, start it again: it goes on where
it was.
"""

from collections import defaultdict
from datetime import datetime

from django.apps.registry import Apps
from django.db import connections, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Max

from monitors import run_documents
from monitors.request_results import ConsoleLine, RequestResult, RunDocument, ScriptError, TestResult

RUNS_IN_BATCH = 200
NUMBERED_IN_BATCH = 5000

NUMBER = """
UPDATE monitors_run SET number = %s + numbered.place
FROM (
    SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM monitors_run
    WHERE monitor_id = %s AND id > %s AND id <= %s
) AS numbered
WHERE monitors_run.id = numbered.id
"""


def move_details(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Run, RunDetail = apps.get_model("monitors", "Run"), apps.get_model("monitors", "RunDetail")
    last = RunDetail.objects.aggregate(last=Max("pk"))["last"] or 0
    while runs := list(Run.objects.filter(pk__gt=last).order_by("pk").only("started_at")[:RUNS_IN_BATCH]):
        with transaction.atomic():
            RunDetail.objects.bulk_create(details_of(apps, runs))
        last = runs[-1].pk


def details_of(apps: Apps, runs: list) -> list:
    ids = [run.pk for run in runs]
    results, consoles = defaultdict(list), {}
    for row in apps.get_model("monitors", "RequestResult").objects.filter(run__in=ids).order_by("position"):
        results[row.run_id].append(row)
    for row in apps.get_model("monitors", "RunConsole").objects.filter(run__in=ids):
        consoles[row.run_id] = row.lines
    RunDetail = apps.get_model("monitors", "RunDetail")
    return [
        RunDetail(run_id=run.pk, document=run_documents.encode(document(run, results[run.pk], consoles)))
        for run in runs
        if run.pk in results or run.pk in consoles
    ]


def document(run, rows: list, consoles: dict[int, list]) -> RunDocument:
    requests = [request_result(position, row) for position, row in enumerate(rows)]
    # Of a name that stands more than once, the lines name the first request.
    positions = {request.name: request.position for request in reversed(requests)}
    return RunDocument(requests, [console_line(run, line, positions) for line in consoles.get(run.pk, [])])


def request_result(position: int, row) -> RequestResult:
    return RequestResult(
        position=position,
        name=row.name,
        folder=row.folder,
        method=row.method,
        url=row.url,
        status_code=row.status_code,
        status_text=row.status_text,
        response_time_ms=row.response_time_ms,
        response_size=row.response_size,
        error_code=row.error_code,
        error_message=row.error_message,
        attempt=row.attempt,
        counts=row.counts,
        is_sent=bool(row.method),
        assertions=[
            TestResult(test["name"], test["passed"], test["skipped"], test.get("error") or "")
            for test in row.assertions
        ],
        script_errors=[
            ScriptError(error["listen"], error["name"], error["message"], error.get("line"))
            for error in row.script_errors
        ],
    )


def console_line(run, line: dict, positions: dict[str, int]) -> ConsoleLine:
    at = datetime.fromisoformat(line["at"])
    offset = round((at - run.started_at).total_seconds() * 1000) if run.started_at else 0
    return ConsoleLine(max(offset, 0), line["level"], line["text"], positions.get(line.get("item") or ""))


def number_runs(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for monitor in apps.get_model("monitors", "Monitor").objects.order_by("pk").only("last_run_number"):
        while number_batch(apps, monitor, schema_editor.connection.alias):
            pass


@transaction.atomic
def number_batch(apps: Apps, monitor, using: str) -> bool:
    """Numbers the next runs of a monitor. False when none is left."""
    runs = apps.get_model("monitors", "Run").objects.filter(monitor=monitor).order_by("pk")
    last = 0
    if monitor.last_run_number:
        last = getattr(monitor, "last_numbered", None) or runs.filter(number__isnull=False).last().pk
    ids = list(runs.filter(pk__gt=last).values_list("pk", flat=True)[:NUMBERED_IN_BATCH])
    if not ids:
        return False
    connection = connections[using]
    key = monitor._meta.pk.get_db_prep_value(monitor.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, [monitor.last_run_number, key, last, ids[-1]])
    monitor.last_numbered = ids[-1]
    monitor.last_run_number += len(ids)
    monitor.save(update_fields=["last_run_number"])
    return True


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("monitors", "0020_run_details")]

    operations = [
        migrations.RunPython(move_details, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(number_runs, migrations.RunPython.noop, elidable=True),
    ]
