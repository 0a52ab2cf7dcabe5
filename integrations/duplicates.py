"""Keeps two integrations from notifying one destination of the same monitor, which would page twice."""

from django.db.models import Q, QuerySet

from integrations.base import JsonObject, Provider
from integrations.models import Integration
from monitors.models import Monitor
from workspaces.fields import is_readable
from workspaces.models import Workspace


def problem(
    provider: Provider,
    workspace: Workspace,
    monitor: Monitor | None,
    config: JsonObject,
    stored: Integration | None = None,
) -> str:
    """Why an integration may not be saved like this, as a sentence for people. Empty if it may.

    `stored` is the integration that is edited, as it is in the database. Call in the transaction that saves:
    the workspace stays locked until its end, so that two people cannot add the same one at once.
    """
    destinations = provider.destinations(config)
    if stored is not None and not _notifies_more(stored, monitor, set(destinations)):
        return ""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    for other in _overlapping(provider, workspace, monitor, stored):
        for destination in _destinations(other):
            if destination in destinations:
                return _sentence(other, monitor, destinations[destination])
    return ""


def _destinations(integration: Integration) -> set[str]:
    """What an integration notifies. Empty if the key that decrypts its configuration is missing."""
    if not is_readable(integration, "config"):
        return set()
    return set(integration.get_provider().destinations(integration.config))


def _notifies_more(stored: Integration, monitor: Monitor | None, destinations: set[str]) -> bool:
    """Whether it notifies more than before. If not, it may be saved even if it already is a duplicate."""
    is_narrower = stored.monitor_id in (None, monitor.pk if monitor else None)
    return not (is_narrower and destinations <= _destinations(stored))


def _overlapping(
    provider: Provider, workspace: Workspace, monitor: Monitor | None, stored: Integration | None
) -> QuerySet[Integration]:
    """The other integrations of the provider that watch the monitor, or any monitor if `monitor` is None."""
    others = Integration.objects.for_workspace(workspace).filter(provider=provider.slug)
    if stored is not None:
        others = others.exclude(pk=stored.pk)
    if monitor is not None:
        others = others.filter(Q(monitor=monitor) | Q(monitor=None))
    return others.select_related("monitor").order_by("created_at")


def _sentence(other: Integration, monitor: Monitor | None, destination: str) -> str:
    if other.monitor is None:
        watched = "all monitors" if monitor is None else "all monitors, this one too"
    else:
        watched = f"the monitor “{other.monitor}”"
    return (
        f"“{other}” already notifies {destination} about {watched}: each failure would arrive there twice. "
        "Edit that integration instead, or choose another monitor or destination."
    )
