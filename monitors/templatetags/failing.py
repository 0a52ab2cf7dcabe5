"""How many monitors fail, for the frame of every page."""

from django import template

from monitors.models import Monitor
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def failing_monitors(workspace: Workspace | None) -> int:
    """`{% failing_monitors workspace as failing %}`"""
    if workspace is None:
        return 0
    return Monitor.objects.for_workspace(workspace).failing().filter(paused_at=None).count()
