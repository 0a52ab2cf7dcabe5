"""The frame of every page: the rail at the left, with the workspace and what leads to its pages."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django import template
from django.template import Context

from workspaces.models import Workspace
from workspaces.pages import WorkspaceRequest

register = template.Library()


class Frame(NamedTuple):
    workspaces: list[Workspace]
    """Those of the person, to switch between."""
    workspace: Workspace | None
    """The one that is open, or was last."""


@register.simple_tag(takes_context=True)
def frame(context: Context) -> Frame:
    """`{% frame as frame %}`"""
    request: WorkspaceRequest = context["request"]
    mine = list(Workspace.objects.for_user(request.user))
    return Frame(mine, getattr(request, "workspace", None) or request.user.last_opened(mine))


@register.inclusion_tag("workspaces/_rail_link.html", takes_context=True)
def rail_link(
    context: Context, label: str, icon: str, url: str, count: int = 0, dot: str = "", exact: bool = False
) -> dict[str, object]:
    """A link of the rail, with a red `count`, or with a red dot for what `dot` says in words."""
    request: WorkspaceRequest = context["request"]
    # When the rail refreshes itself, the page that is open is the one that asks.
    shown = urlsplit(request.htmx.current_url or "").path if request.htmx else request.path
    here = shown == url if exact else shown.startswith(url)
    return {"label": label, "icon": icon, "url": url, "here": here, "count": count, "dot": dot}
