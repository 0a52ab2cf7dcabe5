"""What integrations do on the news of others. Connected by IntegrationsConfig.ready, and nowhere else."""

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from integrations import changes, incidents, results
from integrations.models import ClosedBecause, Incident, Integration
from monitors.models import Monitor, Run
from monitors.signals import changed, monitor_paused, run_failed, run_passed
from workspaces.models import Workspace
from workspaces.signals import deleting


def connect() -> None:
    run_failed.connect(on_run_finished, dispatch_uid="integrations.run_failed")
    run_passed.connect(on_run_finished, dispatch_uid="integrations.run_passed")
    monitor_paused.connect(on_monitor_paused, dispatch_uid="integrations.monitor_paused")
    changed.connect(on_changed, dispatch_uid="integrations.changed")
    deleting.connect(on_integration_deletion, sender=Integration, dispatch_uid="integrations.integration")
    deleting.connect(on_monitor_deletion, sender=Monitor, dispatch_uid="integrations.monitor")
    deleting.connect(on_workspace_deletion, sender=Workspace, dispatch_uid="integrations.workspace")


def on_run_finished(sender: type[Model], run: Run, **kwargs: Any) -> None:
    for integration in Integration.objects.watching(run.monitor):
        if integration.get_provider().opens_incidents:
            incidents.record_run(integration, run)
        elif integration.is_readable:
            results.record_run(integration, run)


def on_monitor_paused(sender: type[Model], monitor: Monitor, outage_is_over: bool, **kwargs: Any) -> None:
    if outage_is_over:
        incidents.close_all(Incident.objects.open().filter(monitor=monitor), ClosedBecause.MONITOR_PAUSED)


def on_changed(sender: type[Model], subject: Any, what: str, by: str, **kwargs: Any) -> None:
    changes.tell(subject, what, by)


def on_integration_deletion(sender: type[Model], instance: Integration, **kwargs: Any) -> None:
    # Lets the runs that hold it finish, so that what they write is seen by the deletion.
    _lock(instance.watched_monitors)
    Integration.objects.select_for_update().filter(pk=instance.pk).first()
    incidents.close_all(Incident.objects.open().filter(integration=instance), ClosedBecause.DELETED)


def on_monitor_deletion(sender: type[Model], instance: Monitor, **kwargs: Any) -> None:
    _lock(Monitor.objects.filter(pk=instance.pk))
    of_monitor = Q(monitor=instance) | Q(integration__monitor=instance)
    incidents.close_all(Incident.objects.open().filter(of_monitor), ClosedBecause.DELETED)
    # What stays of it leads nowhere any more.
    Incident.objects.filter(monitor=instance).update(monitor=None)


def on_workspace_deletion(sender: type[Model], instance: Workspace, **kwargs: Any) -> None:
    # Its monitors are deleted already, so that no run opens another incident.
    incidents.close_all(Incident.objects.open().filter(workspace=instance), ClosedBecause.DELETED)
    Integration.objects.for_workspace(instance).filter(paused_at=None).update(paused_at=timezone.now())


def _lock(monitors: QuerySet[Monitor]) -> None:
    """Before anything of theirs, as runs do (`integrations.incidents`)."""
    list(monitors.select_for_update(no_key=True).order_by("pk").values_list("pk"))
