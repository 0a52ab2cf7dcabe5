"""Gives each incident the outage in which it was opened.

An outage whose runs are not stored any more is made of its incident. Incidents are read by the time at which they
were opened, each batch in a transaction of its own, so that an interrupted migration goes on where it was.
"""

from typing import Any

from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

BATCH = 500
ENDED_BECAUSE = {
    "recovered": "recovered",
    "by_hand": "by_hand",
    "monitor_paused": "monitor_paused",
    "deleted": "monitor_deleted",
}
"""The reasons of closed incidents that say when the outage ended."""


def find_outages(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Incident = apps.get_model("integrations", "Incident")
    left = Incident.objects.filter(outage=None, is_test=False, workspace__isnull=False)
    left = left.defer("config").order_by("opened_at", "pk")
    incidents = left
    while batch := list(incidents[:BATCH]):
        with transaction.atomic():
            for incident in batch:
                incident.outage = outage_at(apps, incident) or outage_from(apps, incident)
            Incident.objects.bulk_update(batch, ["outage"])
        last = batch[-1]
        later = Q(opened_at__gt=last.opened_at) | Q(opened_at=last.opened_at, pk__gt=last.pk)
        incidents = left.filter(later)


def outage_at(apps: StateApps, incident: Any) -> Any:
    """The outage of the monitor that was open when the incident was opened."""
    outages = apps.get_model("monitors", "Outage").objects.filter(workspace=incident.workspace_id)
    if incident.monitor_id:
        outages = outages.filter(monitor=incident.monitor_id)
    else:
        outages = outages.filter(monitor=None, monitor_name=incident.monitor_name)
    began = outages.filter(started_at__lte=incident.opened_at).order_by("-started_at").first()
    lasted = began and (began.ended_at is None or began.ended_at >= incident.opened_at)
    return began if lasted else None


def outage_from(apps: StateApps, incident: Any) -> Any:
    """An outage that nothing but the incident tells of. None if that does not say when it ended."""
    because = ENDED_BECAUSE.get(incident.closed_because)
    if because is None or (because == "monitor_deleted" and incident.monitor_id):
        return None
    run = incident.first_run
    return apps.get_model("monitors", "Outage").objects.create(
        workspace_id=incident.workspace_id,
        monitor_id=incident.monitor_id,
        monitor_name=incident.monitor_name,
        started_at=incident.opened_at,
        ended_at=max(incident.opened_at, incident.closed_at),
        ended_because=because,
        cause=incident.summary,
        result=run.result if run else "",
        regions=[run.region] if run else [],
        failed_runs=max(1, incident.failed_runs),
        first_run_id=incident.first_run_id,
        last_run_id=incident.last_run_id,
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("integrations", "0010_outages"), ("monitors", "0013_past_outages")]

    operations = [migrations.RunPython(find_outages, migrations.RunPython.noop)]
