"""What monitors do on the signals of other apps. `MonitorsConfig.ready` connects the receivers."""

from django.db.models import Model
from django.utils import timezone

from monitors.models import Monitor
from workspaces.models import Workspace
from workspaces.signals import deleting


def connect() -> None:
    """Call once, when the models are loaded."""
    deleting.connect(on_workspace_deletion, sender=Workspace, dispatch_uid="monitors.workspace")


def on_workspace_deletion(sender: type[Model], instance: Workspace, **kwargs: object) -> None:
    """Deletes its monitors, so that they run no more. Their rows are removed with the workspace."""
    Monitor.objects.for_workspace(instance).update(deleted_at=timezone.now())
