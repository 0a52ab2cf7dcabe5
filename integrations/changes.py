"""Sends providers what people changed, which often explains an outage."""

from django.db import transaction
from django.utils import timezone

from integrations.base import Change
from integrations.models import Integration
from monitors.models import Collection, Environment, Monitor


@transaction.atomic
def notify(subject: Monitor | Collection | Environment, what: str, by: str) -> None:
    """Sends the change once to each integration that wants changes and watches a monitor that it concerns."""
    monitors = [subject] if isinstance(subject, Monitor) else list(subject.monitors.all())
    change = Change(
        summary=f"{str(subject._meta.verbose_name).capitalize()} {subject.name} was {what} by {by}",
        by=by,
        at=timezone.now(),
        workspace=subject.workspace.name,
        path=subject.get_absolute_url(),
    )
    notified = set()
    for monitor in monitors:
        for integration in Integration.objects.watching(monitor).filter(send_changes=True):
            if integration.pk not in notified:
                notified.add(integration.pk)
                integration.send_change(change, monitor)
