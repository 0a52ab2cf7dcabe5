"""Scoping to a workspace, inherited by every model that a tenant owns.

Pages (`workspaces.pages`) and API views (`workspaces.api`) narrow their queries by it.
"""

from typing import Any, Generic, Self, TypeVar

from django.db import models
from django.db.models import Model

from workspaces.models import Membership, Role, Workspace

M = TypeVar("M", bound=Model)


class WorkspaceOwnedQuerySet(models.QuerySet[M], Generic[M]):
    """Queries of a model that belongs to a workspace."""

    def for_workspace(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)

    def for_user(self, user: Any, role: Role = Role.VIEWER) -> Self:
        """What the person may see, or with `role` what the person may do that much with."""
        roles = [other for other in Role if other.allows(role)]
        mine = Membership.objects.filter(user=user, role__in=roles).values("workspace")
        return self.filter(workspace__in=mine)


class WorkspaceOwned(models.Model):
    """A model whose rows belong to one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")

    objects = WorkspaceOwnedQuerySet.as_manager()

    class Meta:
        abstract = True
