"""What providers that keep no incidents are told of single runs."""

from integrations.base import RunProvider
from integrations.models import Action, Delivery, Integration, RegionState
from monitors.models import Run


def note_run(integration: Integration, run: Run) -> None:
    """Counts a finished run and stores the event that the provider makes of it, if any.

    Call in the transaction that stores the run, with its monitor's row locked.
    """
    provider = integration.get_provider()
    assert isinstance(provider, RunProvider)
    if not Integration.objects.hold(integration.pk):
        return
    state = RegionState.of(integration, run)
    failed_before = state.failed_in_row
    state.count(run)
    if not integration.may_page:
        return
    body = provider.run_event(integration, run, failed_before)
    if body is not None:
        Delivery.of_integration(integration, Action.RESULT, body, run=run, monitor=run.monitor)
