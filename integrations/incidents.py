"""When an incident is opened and closed, in the transaction that records a run or a provider's response.

A run is recorded with its monitor's row locked, so the runs of one monitor come one by one. The order of all
locks is in `integrations/models/locks.py`.
"""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from integrations.models import (
    Action,
    ClosedBecause,
    Delivery,
    Incident,
    IncidentKind,
    Integration,
    RegionStreak,
)
from integrations.models.locks import lock_against_delete
from monitors import maintenance
from monitors.models import Monitor, Result, Run

TEST_DURATION = timedelta(seconds=5)
"""Long enough to be seen at the provider, and short enough to wake hardly anybody."""


def record_run(integration: Integration, run: Run) -> None:
    """Counts a finished run, and opens, continues or closes the incident as the integration's policy says."""
    if run.result == Result.SUCCESSFUL and not _can_recover(integration, run.monitor):
        return
    incident = _open_incident(integration, run.monitor)
    failed = run.result in integration.failed_results
    if incident is None and failed:
        _open_when_failing(integration, run)
        return
    if not lock_against_delete(integration.pk):
        return
    is_failing = _is_failing(integration, run)
    if incident is None:
        return
    if failed:
        incident.add_failed_run(run)
        needs_notification = incident.needs_notification(integration.remind_every_hours)
        if needs_notification and may_page(integration, run.monitor):
            incident.remind(run)
    elif not is_failing:
        incident.close(ClosedBecause.RECOVERED, run, resolve=integration.close_automatically)


def on_accepted(delivery: Delivery) -> None:
    """Records that the provider accepted an event: its key is valid, and a test is over."""
    was_rejected = delivery.integration is not None and bool(delivery.integration.problem)
    if was_rejected and (integration := _integration_of_same_key(delivery)):
        integration.record_acceptance()
    if delivery.incident and delivery.is_test and delivery.action == Action.TRIGGER:
        delivery.incident.close(ClosedBecause.TESTED, after=TEST_DURATION)


def on_failed(delivery: Delivery, problem: str, *, rejected: bool) -> None:
    """Records that an event was rejected or given up.

    An incident that the provider never opened is closed, so that the next failed run tries again. A test is
    closed in any case, since no run would close it.
    """
    # A provider may reject a change event for other reasons than its key.
    concerns_key = rejected and delivery.action != Action.CHANGE
    if concerns_key and (integration := _integration_of_same_key(delivery)):
        integration.record_rejection(problem, is_test=delivery.is_test)
    incident = delivery.incident
    if (
        incident
        and delivery.action == Action.TRIGGER
        and (delivery.is_test or not incident.possibly_delivered)
    ):
        incident.close(ClosedBecause.NOT_ACCEPTED)


def _integration_of_same_key(delivery: Delivery) -> Integration | None:
    """The delivery's integration, locked. None when it has another key than the incident."""
    if delivery.integration_id is None:
        return None
    integration = (
        Integration.objects.select_for_update(no_key=True).filter(pk=delivery.integration_id).first()
    )
    if integration and delivery.incident and delivery.channel != integration.channel:
        return None
    return integration


def close_all(incidents: QuerySet[Incident], because: ClosedBecause) -> None:
    """Closes incidents in the order of their primary keys, which is the order of locks."""
    for incident in incidents.order_by("pk"):
        incident.close(because)


def _can_recover(integration: Integration, monitor: Monitor) -> bool:
    """Whether a good run changes anything. It changes nothing for a healthy monitor."""
    streaks = integration.region_streaks.unsettled().filter(monitor=monitor)
    return streaks.exists() or _open_incident(integration, monitor) is not None


def _open_incident(integration: Integration, monitor: Monitor) -> Incident | None:
    """The one of its failures. That of a monitor that does not run is the business of `integrations.late`."""
    return integration.open_incidents.filter(monitor=monitor, kind=IncidentKind.FAILING).first()


def _is_failing(integration: Integration, run: Run) -> bool:
    """Counts the run. True when its monitor fails in enough regions now."""
    # A monitor with fewer regions than the integration asks for would never page anybody.
    return _count(integration, run) >= min(integration.failing_regions, len(run.monitor.regions))


def _count(integration: Integration, run: Run) -> int:
    """Counts the run. Returns the number of regions that fail now."""
    streak = RegionStreak.of(integration, run)
    streak.count(run)
    others = [region for region in run.monitor.regions if region != run.region]
    if not others:
        return int(streak.is_failing)
    failing = integration.region_streaks.filter(monitor=run.monitor, region__in=others, is_failing=True)
    return failing.count() + streak.is_failing


def _open_when_failing(integration: Integration, run: Run) -> None:
    # Lock and read it again, since it may be deleted, paused or edited at this moment.
    watching = Integration.objects.watching(run.monitor).select_for_update(no_key=True)
    current = watching.filter(pk=integration.pk).first()
    if current is None:
        return
    if _is_failing(current, run) and may_page(current, run.monitor):
        Incident.open_for(current, run.monitor, run).notify(run)


def may_page(integration: Integration, monitor: Monitor) -> bool:
    """Whether an incident may be opened now.

    False for a paused monitor that somebody runs by hand: no later run would close the incident."""
    if not integration.may_page or monitor.is_paused:
        return False
    return not maintenance.is_muted(monitor, timezone.now())
