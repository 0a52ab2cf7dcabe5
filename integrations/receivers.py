"""What integrations do on the signals of other apps. `IntegrationsConfig.ready` connects the receivers."""

from django.db.models import Model, Q
from django.utils import timezone

from integrations import changes, incidents, results
from integrations.models import ClosedBecause, Incident, Integration
from integrations.models.locks import lock_monitors
from monitors import search
from monitors.models import Collection, Environment, Monitor, Outage, Run
from monitors.signals import changed, monitor_paused, outage_resolved, run_failed, run_passed
from workspaces.models import Workspace
from workspaces.signals import deleting


def connect() -> None:
    """Call once, when the models are loaded."""
    run_failed.connect(on_run_finished, dispatch_uid="integrations.run_failed")
    run_passed.connect(on_run_finished, dispatch_uid="integrations.run_passed")
    monitor_paused.connect(on_monitor_paused, dispatch_uid="integrations.monitor_paused")
    outage_resolved.connect(on_outage_resolved, dispatch_uid="integrations.outage_resolved")
    changed.connect(on_changed, dispatch_uid="integrations.changed")
    deleting.connect(on_integration_deletion, sender=Integration, dispatch_uid="integrations.integration")
    deleting.connect(on_monitor_deletion, sender=Monitor, dispatch_uid="integrations.monitor")
    deleting.connect(on_workspace_deletion, sender=Workspace, dispatch_uid="integrations.workspace")
    search.PAGES.append(search.Page("Integrations", "plug", "integrations:browse", is_of_workspace=False))


def on_run_finished(sender: type[Model], run: Run, **kwargs: object) -> None:
    """Has each integration that watches the monitor count the run."""
    for integration in Integration.objects.watching(run.monitor):
        if integration.get_provider().opens_incidents:
            incidents.record_run(integration, run)
        elif integration.is_readable:
            results.record_run(integration, run)


def on_monitor_paused(sender: type[Model], monitor: Monitor, outage_is_over: bool, **kwargs: object) -> None:
    """Closes the incidents of a paused monitor, since no run would close them."""
    if outage_is_over:
        incidents.close_all(Incident.objects.open().filter(monitor=monitor), ClosedBecause.MONITOR_PAUSED)


def on_outage_resolved(sender: type[Model], outage: Outage, **kwargs: object) -> None:
    """Closes its incidents, since the person who resolved it knows that it is over."""
    incidents.close_all(Incident.objects.open().filter(outage=outage), ClosedBecause.BY_HAND)


def on_changed(
    sender: type[Model], subject: Monitor | Collection | Environment, what: str, by: str, **kwargs: object
) -> None:
    """Sends the change to the integrations that want changes."""
    changes.notify(subject, what, by)


def on_integration_deletion(sender: type[Model], instance: Integration, **kwargs: object) -> None:
    """Closes its incidents with the key that opened them."""
    # Waits for the runs that lock it against deletion, so that the deletion sees what they write.
    lock_monitors(instance.watched_monitors)
    Integration.objects.select_for_update().filter(pk=instance.pk).first()
    incidents.close_all(Incident.objects.open().filter(integration=instance), ClosedBecause.DELETED)


def on_monitor_deletion(sender: type[Model], instance: Monitor, **kwargs: object) -> None:
    """Closes its incidents, and those of the integrations that watch it alone."""
    lock_monitors(Monitor.objects.filter(pk=instance.pk))
    of_monitor = Q(monitor=instance) | Q(integration__monitor=instance)
    incidents.close_all(Incident.objects.open().filter(of_monitor), ClosedBecause.DELETED)
    # The incidents stay, and the page of the monitor is gone.
    Incident.objects.filter(monitor=instance).update(monitor=None)


def on_workspace_deletion(sender: type[Model], instance: Workspace, **kwargs: object) -> None:
    """Closes the incidents of a workspace and pauses its integrations."""
    # Its monitors are deleted already, so no run opens another incident.
    incidents.close_all(Incident.objects.open().filter(workspace=instance), ClosedBecause.DELETED)
    Integration.objects.for_workspace(instance).filter(paused_at=None).update(paused_at=timezone.now())
