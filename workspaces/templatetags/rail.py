"""The rail at the left of every page."""

from typing import Any

from django import template
from django.http import HttpRequest

from workspaces.models import Workspace

register = template.Library()


@register.inclusion_tag("workspaces/_rail.html", takes_context=True)
def rail(context: dict[str, Any]) -> dict[str, Any]:
    request: HttpRequest = context["request"]
    mine = list(Workspace.objects.for_user(request.user))
    return {
        "request": request,
        "user": request.user,
        "workspaces": mine,
        "current": getattr(request, "workspace", None) or last_open(request, mine),
    }


def last_open(request: HttpRequest, mine: list[Workspace]) -> Workspace | None:
    last = getattr(request.user, "last_workspace_id", None)
    return next((workspace for workspace in mine if workspace.pk == last), mine[0] if mine else None)


@register.inclusion_tag("workspaces/_rail_link.html", takes_context=True)
def rail_link(
    context: dict[str, Any], label: str, icon: str, url: str, exact: bool = False
) -> dict[str, Any]:
    path = context["request"].path
    return {"label": label, "icon": icon, "url": url, "here": path == url if exact else path.startswith(url)}
