from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from workspaces.models import Workspace
from workspaces.pages import UserRequest


@login_required
def home(request: UserRequest) -> HttpResponse:
    """Redirects to the home page of the workspace that the person had open last."""
    mine = list(Workspace.objects.for_user(request.user))
    workspace = request.user.last_opened(mine)
    if workspace is None:
        return render(request, "workspaces/no_workspace.html")
    return redirect(workspace)
