"""What monitors do on the news of others. Connected by MonitorsConfig.ready, and nowhere else."""

from typing import Any

from django.db.models import Model
from django.utils import timezone

from monitors.models import Monitor
from workspaces.models import Workspace
from workspaces.signals import deleting


def connect() -> None:
    deleting.connect(on_workspace_deletion, sender=Workspace, dispatch_uid="monitors.workspace")


def on_workspace_deletion(sender: type[Model], instance: Workspace, **kwargs: Any) -> None:
    """Its monitors run no more; what hangs on them is removed with the workspace."""
    Monitor.objects.for_workspace(instance).update(deleted_at=timezone.now())
