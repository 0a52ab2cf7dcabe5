"""Scoping to a workspace, inherited by every model that a tenant owns.

Pages (`workspaces.pages`) and API views (`workspaces.api`) narrow their queries by it.
Models declare `objects = ItsQuerySet.as_manager()` without an annotation, so that mypy knows the methods.
Views inherit (WorkspaceMixin, DetailView[Monitor]) and query `Monitor.objects.for_workspace(workspace)`.

An object of another workspace and one that does not exist get the same response: 404.
"""

from typing import Self, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Model, QuerySet

from workspaces.models import Membership, Role, User, Workspace

M = TypeVar("M", bound=Model)


class WorkspaceOwnedQuerySet(models.QuerySet[M]):
    """Queries of a model that belongs to a workspace."""

    def for_workspace(self, workspace: Workspace) -> Self:
        return self.filter(workspace=workspace)

    def for_user(self, user: User, role: Role = Role.VIEWER) -> Self:
        """The rows of the workspaces in which the person has `role` or a higher one."""
        mine = Membership.objects.filter(user=user, role__in=Role.at_least(role)).values("workspace")
        return self.filter(workspace__in=mine)


class WorkspaceOwned(models.Model):
    """A model whose rows belong to one workspace. Its `objects` must come from a WorkspaceOwnedQuerySet."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


def scoped(rows: QuerySet[M], workspace: Workspace) -> WorkspaceOwnedQuerySet[M]:
    """The rows of this workspace. Raises ImproperlyConfigured for a model that belongs to no workspace."""
    if not isinstance(rows, WorkspaceOwnedQuerySet):
        raise ImproperlyConfigured(f"{rows.model.__name__} does not belong to a workspace.")
    return rows.for_workspace(workspace)
