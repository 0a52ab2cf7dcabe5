from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from workspaces.models import Workspace


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Leads to the home of the last workspace."""
    mine = list(Workspace.objects.for_user(request.user))
    workspace = request.user.last_open(mine)  # type: ignore[union-attr]
    if workspace is None:
        return render(request, "workspaces/no_workspace.html")
    return redirect(workspace)
