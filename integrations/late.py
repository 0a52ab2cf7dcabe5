"""Pages when monitors do not run, by the integrations that ask for it (`Integration.late_after_minutes`).

No run opens or closes these incidents, so a periodic task does. They are apart from those of failures, with a
dedup key of their own: the API may be fine, and nobody knows.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from integrations import incidents
from integrations.base import IncidentProvider
from integrations.models import Action, ClosedBecause, Incident, IncidentKind, Integration
from integrations.models.locks import lock_monitors
from monitors import health
from monitors.late_notices import CATCH_UP
from monitors.models import Monitor, RegionStatus
from workspaces import durations

BATCH = 200
"""How many incidents one call opens. The next call continues."""


def page(now: datetime) -> None:
    """Call regularly. After a downtime monitors get the time to run first."""
    _close_recovered(now)
    if health.has_scheduled_for(CATCH_UP, now):
        opened = 0
        for integration, monitor in _candidates(now):
            opened += _open(integration, monitor, now)
            if opened >= BATCH:
                return


def _candidates(now: datetime) -> Iterator[tuple[Integration, Monitor]]:
    """The monitors that an integration may have to page for, without those that it has paged for."""
    integrations = list(Integration.objects.paging_when_late())
    if not integrations:
        return
    workspaces = {integration.workspace_id for integration in integrations}
    late = defaultdict(list)
    statuses = RegionStatus.objects.filter(monitor__workspace__in=workspaces)
    for found in statuses.late_by_monitor(now).values():
        late[found[0].monitor.workspace_id].append(found)
    paged = set(Incident.objects.late().values_list("integration", "monitor"))
    for integration in integrations:
        for found in late[integration.workspace_id]:
            monitor = found[0].monitor
            is_watched = integration.monitor_id in (None, monitor.pk)
            is_new = (integration.pk, monitor.pk) not in paged
            if is_watched and is_new and _is_late(integration, monitor, _long_late(integration, found, now)):
                yield integration, monitor


@transaction.atomic
def _open(integration: Integration, monitor: Monitor, now: datetime) -> bool:
    """Opens the incident, after everything was read again under its locks."""
    lock_monitors(Monitor.objects.filter(pk=monitor.pk))
    watching = Integration.objects.watching(monitor).paging_when_late().select_for_update(no_key=True)
    current = watching.filter(pk=integration.pk).first()
    stored = Monitor.objects.filter(pk=monitor.pk).first()
    if current is None or stored is None or not incidents.may_page(current, stored):
        return False
    provider = current.get_provider()
    late = _long_late(current, stored.late_regions, now)
    if not isinstance(provider, IncidentProvider) or not _is_late(current, stored, late):
        return False
    if _knows(current, stored, since=max(status.since for status in late)):
        return False
    summary = summary_of(late, now)
    incident = Incident.open_for(current, stored, kind=IncidentKind.LATE, summary=summary)
    incident.enqueue(Action.TRIGGER, provider.late_event(incident, late))
    return True


def _knows(integration: Integration, monitor: Monitor, since: datetime) -> bool:
    """Whether an incident is open, or somebody resolved it by hand although no run came since then."""
    of_monitor = Incident.objects.filter(integration=integration, monitor=monitor, kind=IncidentKind.LATE)
    by_hand = Q(closed_because=ClosedBecause.BY_HAND, opened_at__gte=since)
    return of_monitor.filter(Q(closed_at=None) | by_hand, is_test=False).exists()


def summary_of(late: Sequence[RegionStatus], now: datetime) -> str:
    """What is wrong, in one sentence, and that it says nothing about the API."""
    regions = ", ".join(status.region for status in late)
    elapsed = durations.in_words((now - max(status.since for status in late)).total_seconds(), smallest=60)
    return f"It has not run for {elapsed} in region {regions}. The API may be fine."


def _close_recovered(now: datetime) -> None:
    """Closes the incidents of monitors that run again, or that are not expected to run."""
    opened = list(Incident.objects.late().select_related("integration", "monitor").order_by("pk"))
    statuses = RegionStatus.objects.filter(monitor__in=Incident.objects.late().values("monitor"))
    late = statuses.late_by_monitor(now) if opened else {}
    for incident in opened:
        # `reconciling` closes those whose integration or monitor is deleted.
        if incident.integration and incident.monitor:
            found = late.get(incident.monitor.pk, [])
            if not _is_late(incident.integration, incident.monitor, found):
                incident.close(ClosedBecause.NOT_LATE)


def _long_late(integration: Integration, late: Sequence[RegionStatus], now: datetime) -> list[RegionStatus]:
    """The regions that are late and had no run for as long as the integration waits."""
    since = now - timedelta(minutes=integration.late_after_minutes or 0)
    return [status for status in late if status.since <= since]


def _is_late(integration: Integration, monitor: Monitor, late: Sequence[RegionStatus]) -> bool:
    """Whether the monitor does not run in as many regions as the policy asks for."""
    return len(late) >= max(1, min(integration.failing_regions, len(monitor.regions)))
