"""What integrations do on the news of others. Connected by IntegrationsConfig.ready, and nowhere else."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import pre_delete

from integrations import incidents, results
from integrations.models import ClosedBecause, Incident, Integration
from monitors.models import Monitor, Run
from monitors.signals import run_failed, run_passed


def connect() -> None:
    run_failed.connect(on_run_finished, dispatch_uid="integrations.run_failed")
    run_passed.connect(on_run_finished, dispatch_uid="integrations.run_passed")
    pre_delete.connect(on_integration_deletion, sender=Integration, dispatch_uid="integrations.integration")
    pre_delete.connect(on_monitor_deletion, sender=Monitor, dispatch_uid="integrations.monitor")


def on_run_finished(sender: type[Model], run: Run, **kwargs: Any) -> None:
    for integration in Integration.objects.watching(run.monitor):
        if integration.get_provider().opens_incidents:
            incidents.note_run(integration, run)
        else:
            results.note_run(integration, run)


def on_integration_deletion(sender: type[Model], instance: Integration, **kwargs: Any) -> None:
    incidents.close_all(Incident.objects.open().filter(integration=instance), ClosedBecause.DELETED)


def on_monitor_deletion(sender: type[Model], instance: Monitor, **kwargs: Any) -> None:
    incidents.close_all(Incident.objects.open().filter(monitor=instance), ClosedBecause.DELETED)
