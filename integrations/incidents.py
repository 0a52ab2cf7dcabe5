"""When an incident is opened and closed. Everything here runs in the transaction of its caller's news."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.models import Action, ClosedBecause, Delivery, Incident, Integration, RegionState
from monitors import maintenance
from monitors.models import Monitor, Result, Run

TEST_LASTS = timedelta(seconds=5)
"""Long enough to be seen at the provider, short enough that hardly anybody is woken."""


@transaction.atomic
def note_run(integration: Integration, run: Run) -> None:
    """Counts a finished run, and opens, continues or closes the incident as the integration's policy says."""
    if run.result == Result.SUCCESSFUL and not _is_of_interest(integration, run.monitor):
        return
    if not Integration.objects.hold(integration.pk):
        return
    # The runs of one monitor are taken in one after the other.
    monitor = Monitor.objects.select_for_update(no_key=True).get(pk=run.monitor_id)
    is_failing = _count(integration, monitor, run) >= integration.failing_regions
    incident = integration.open_incidents.filter(monitor=monitor).first()
    failed = run.result in integration.failed_results
    if incident is None:
        if failed and is_failing:
            _open(integration, monitor, run)
    elif failed:
        incident.add_failed_run(run)
        if integration.remind_every_hours and _may_page(integration, monitor):
            incident.remind(run, integration.remind_every_hours)
    elif not is_failing:
        incident.close(ClosedBecause.RECOVERED, run, resolve=integration.close_automatically)


def note_accepted(delivery: Delivery) -> None:
    """The provider took an event: its key is good, and a test is over."""
    if delivery.integration:
        delivery.integration.note_acceptance()
    if delivery.incident and delivery.is_test and delivery.action == Action.TRIGGER:
        delivery.incident.close(ClosedBecause.TESTED, after=TEST_LASTS)


def note_refused(delivery: Delivery, problem: str, *, rejected: bool) -> None:
    """The provider will not take an event.

    An incident that never opened there is over here too, so that the next failed run tries anew.
    """
    if delivery.incident and delivery.action == Action.TRIGGER and not delivery.incident.was_told:
        delivery.incident.close(ClosedBecause.NOT_ACCEPTED)
    # A change event may be refused for reasons of its own; it says nothing about the key.
    if rejected and delivery.integration and delivery.action != Action.CHANGE:
        delivery.integration.note_rejection(problem)


def close_all(incidents: QuerySet[Incident], because: ClosedBecause) -> None:
    for incident in incidents:
        incident.close(because)


def _is_of_interest(integration: Integration, monitor: Monitor) -> bool:
    """Whether a good run can change anything, which it cannot for a healthy monitor."""
    states = integration.region_states.unsettled().filter(monitor=monitor)
    return states.exists() or integration.open_incidents.filter(monitor=monitor).exists()


def _count(integration: Integration, monitor: Monitor, run: Run) -> int:
    """Takes the run in; returns the number of regions that fail now."""
    RegionState.of(integration, run).count(run)
    return integration.region_states.filter(
        monitor=monitor, is_failing=True, region__in=monitor.regions
    ).count()


def _open(integration: Integration, monitor: Monitor, run: Run) -> None:
    # Locked and read again, since it may be deleted, paused or edited at this moment.
    current = Integration.objects.select_for_update(no_key=True).filter(pk=integration.pk).first()
    if current is None or not _may_page(current, monitor):
        return
    Incident.begin(current, monitor, run).tell(run)


def _may_page(integration: Integration, monitor: Monitor) -> bool:
    return integration.may_page and not maintenance.is_muted(monitor, timezone.now())
