"""What providers that keep no incidents are told of single runs."""

from django.utils import timezone

from integrations.base import RunProvider
from integrations.models import Action, Delivery, Integration, RegionStreak
from monitors import maintenance
from monitors.models import Run


def record_run(integration: Integration, run: Run) -> None:
    """Counts a finished run and stores the event that the provider makes of it, if any.

    In a maintenance window nobody is told of a failed run, but of a recovery.
    Call in the transaction that stores the run, with its monitor's row locked.
    """
    provider = integration.get_provider()
    assert isinstance(provider, RunProvider)
    if not Integration.objects.hold(integration.pk):
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
    Delivery.of_integration(integration, Action.RESULT, body, run=run, monitor=run.monitor)
    if failed:
        streak.record_notified()
