"""The sidebar at the left of every page."""

from django import template
from django.template import Context

from workspaces.models import Workspace
from workspaces.pages import WorkspaceRequest

register = template.Library()


@register.inclusion_tag("_sidebar.html", takes_context=True)
def sidebar(context: Context) -> dict[str, object]:
    request: WorkspaceRequest = context["request"]
    mine = list(Workspace.objects.for_user(request.user))
    return {
        "request": request,
        "user": request.user,
        "workspaces": mine,
        "current": getattr(request, "workspace", None) or request.user.last_opened(mine),
    }


@register.inclusion_tag("workspaces/_sidebar_link.html", takes_context=True)
def sidebar_link(context: Context, label: str, icon: str, url: str, exact: bool = False) -> dict[str, object]:
    path = context["request"].path
    return {"label": label, "icon": icon, "url": url, "here": path == url if exact else path.startswith(url)}
