"""Keeps slow runs of some workspaces from filling a worker while others have monitors too."""

from uuid import UUID

from django.conf import settings

from monitors.models import Monitor
from workspaces.slots import FairSlots


def _is_alone(workspace_id: UUID | None) -> bool:
    return not Monitor.objects.filter(paused_at=None).exclude(workspace=workspace_id).exists()


places = FairSlots(lambda: settings.WORKER_CONCURRENCY, _is_alone)
