"""The sidebar at the left of every page."""

from typing import Any

from django import template

from workspaces.models import Workspace

register = template.Library()


@register.inclusion_tag("_sidebar.html", takes_context=True)
def sidebar(context: dict[str, object]) -> dict[str, Any]:
    request: Any = context["request"]
    mine = list(Workspace.objects.for_user(request.user))
    return {
        "request": request,
        "user": request.user,
        "workspaces": mine,
        "current": getattr(request, "workspace", None) or request.user.last_opened(mine),
    }


@register.inclusion_tag("workspaces/_sidebar_link.html", takes_context=True)
def sidebar_link(
    context: dict[str, Any], label: str, icon: str, url: str, exact: bool = False
) -> dict[str, Any]:
    path = context["request"].path
    return {"label": label, "icon": icon, "url": url, "here": path == url if exact else path.startswith(url)}
