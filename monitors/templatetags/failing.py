"""How many monitors fail, for the frame of every page: as many as Home says."""

from django import template
from django.utils import timezone

from monitors import lateness
from workspaces.models import Workspace

register = template.Library()


@register.simple_tag
def failing_monitors(workspace: Workspace | None) -> int:
    """`{% failing_monitors workspace as failing %}`"""
    return lateness.failing_in_workspace(workspace, timezone.now()) if workspace else 0
