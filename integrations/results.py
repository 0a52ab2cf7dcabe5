"""The events of single runs, for providers that keep no incidents."""

from django.utils import timezone

from integrations.base import RunProvider
from integrations.models import Action, Integration, RegionStreak
from integrations.models.locks import lock_against_delete
from monitors import maintenance
from monitors.models import Outage, Run


def record_run(integration: Integration, run: Run) -> None:
    """Counts a finished run and enqueues the event that the provider makes of it, if any.

    In a maintenance window, failed runs make no event and recoveries do.
    Call in the transaction that stores the run, with its monitor's row locked.
    """
    provider = integration.get_provider()
    assert isinstance(provider, RunProvider)
    if not lock_against_delete(integration.pk):
        return
    streak = RegionStreak.of(integration, run)
    failed_before, notified_before = streak.consecutive_failures, streak.failures_notified
    streak.count(run)
    failed = run.result in integration.failed_results
    if not integration.may_page or (failed and maintenance.is_muted(run.monitor, timezone.now())):
        return
    body = provider.run_event(integration, run, failed_before, notified_before)
    if body is None:
        return
    outage = _reported_outage(run, failed=failed, notified_before=notified_before)
    integration.enqueue(Action.RESULT, body, run=run, monitor=run.monitor, outage=outage)
    if failed:
        streak.record_notified()


def _reported_outage(run: Run, *, failed: bool, notified_before: int) -> Outage | None:
    """The outage whose beginning or end the event reports. None for the events in between."""
    if failed:
        return None if notified_before else Outage.objects.open().filter(monitor=run.monitor).first()
    return Outage.objects.latest_of(run.monitor) if notified_before else None
