from typing import Any

from django.http import HttpRequest

from workspaces.models import Workspace


def navigation(request: HttpRequest) -> dict[str, Any]:
    """What the rail of every page shows: the person's workspaces and the one that is open."""
    if not request.user.is_authenticated:
        return {}
    mine = Workspace.objects.for_user(request.user)
    return {
        "my_workspaces": mine,
        "current_workspace": getattr(request, "workspace", request.user.last_workspace),
    }
