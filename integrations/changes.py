"""Tells providers what people changed, which often explains an outage."""

from django.db import transaction
from django.utils import timezone

from integrations.base import Change
from integrations.models import Integration
from monitors.models import Collection, Environment, Monitor


@transaction.atomic
def tell(subject: Monitor | Collection | Environment, what: str, by: str) -> None:
    """Once to each integration that wants it and watches a monitor which the change concerns."""
    monitors = [subject] if isinstance(subject, Monitor) else list(subject.monitors.all())
    change = Change(
        summary=f"{str(subject._meta.verbose_name).capitalize()} {subject.name} was {what} by {by}",
        by=by,
        at=timezone.now(),
        workspace=subject.workspace.name,
        path=subject.get_absolute_url(),
    )
    told = set()
    for monitor in monitors:
        for integration in Integration.objects.watching(monitor).filter(send_changes=True):
            if integration.pk not in told:
                told.add(integration.pk)
                integration.send_change(change, monitor)
