"""An installation with runs is upgraded: its runs are counted, and their response times become means."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

UPGRADE = """
import datetime, json
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def models_at(migration):
    call_command("migrate", "monitors", migration, verbosity=0)
    return MigrationExecutor(connection).loader.project_state(("monitors", migration)).apps.get_model

model = models_at("0010_help_texts")
noon = datetime.datetime(2030, 1, 7, 12, tzinfo=datetime.timezone.utc)
workspace = model("workspaces", "Workspace").objects.create(name="Acme", slug="acme")
collection = model("monitors", "Collection").objects.create(workspace=workspace, name="Orders")
monitor = model("monitors", "Monitor").objects.create(
    workspace=workspace, name="Checkout", collection=collection
)
model("monitors", "RegionStatus").objects.create(monitor=monitor, region="eu", since=noon, late_at=noon)
for number, minutes in enumerate((0, 30, 70, 60 * 24)):
    ended = noon + datetime.timedelta(minutes=minutes)
    run = model("monitors", "Run").objects.create(
        workspace=workspace, monitor=monitor, region="eu", type="manual", status="finished",
        result="failure" if number == 1 else "successful", scheduled_at=ended, queued_at=ended,
        finished_at=ended, request_count=2, response_time_ms=900,
    )
    if number < 2:
        for position, milliseconds in enumerate([200, 400, 9000, None]):
            model("monitors", "RequestResult").objects.create(
                run=run, position=position, name="List", response_time_ms=milliseconds, counts=position != 2
            )
model = models_at("0015_count_former_runs")
call_command("migrate", "monitors", "0014_roll_ups_and_gaps", verbosity=0)
model = models_at("0015_count_former_runs")
rows = model("monitors", "RollUp").objects.order_by("period", "start")
status = model("monitors", "RegionStatus").objects.get()
print(json.dumps({
    "means": list(model("monitors", "Run").objects.order_by("pk").values_list("response_time_ms", flat=True)),
    "rows": [[row.period, f"{row.start:%d %H}", row.is_open, row.successful, row.failure] for row in rows],
    "sums": [row.response_time_sum for row in rows],
    "watched since it was created": status.added_at == model("monitors", "Monitor").objects.get().created_at,
}))
"""


def test_former_runs_are_counted_once(tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/postwatch.sqlite3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "true",
    }
    done = subprocess.run(
        [sys.executable, "-c", UPGRADE],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["means"] == [300, 300, 900, 900]
    assert told["rows"] == [
        ["day", "07 00", False, 2, 1],
        ["hour", "07 12", False, 1, 1],
        ["hour", "07 13", False, 1, 0],
        ["hour", "08 12", True, 1, 0],
    ]
    assert told["sums"] == [1200, 300, 900, 900]
    assert told["watched since it was created"]
