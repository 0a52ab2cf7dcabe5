"""Scoping to a workspace, inherited by every model, page and API view that a tenant owns.

An object of another workspace and one that does not exist answer alike: 404.
"""

from typing import Any, Generic, Self, TypeVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from workspaces.models import Membership, Role, User, Workspace

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


class WorkspaceRequest(HttpRequest):
    """The request of a view under WorkspaceMixin."""

    user: User
    workspace: Workspace
    membership: Membership


class WorkspaceMixin(LoginRequiredMixin):
    """A page under /w/<slug>/: finds the workspace among the person's own and scopes every query to it.

    `required_role` guards what changes things; `required_role_to_read` guards GET.
    """

    required_role: Role = Role.EDITOR
    required_role_to_read: Role = Role.VIEWER
    model: Any = None
    request: Any
    """A WorkspaceRequest: Django's views declare the attribute too, so it cannot be narrowed."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        membership = get_object_or_404(
            Membership.objects.select_related("workspace"), user=request.user, workspace__slug=kwargs["slug"]
        )
        reading = request.method in ("GET", "HEAD", "OPTIONS")
        if not membership.allows(self.required_role_to_read if reading else self.required_role):
            raise PermissionDenied("Your role in this workspace does not allow this. Ask an owner.")
        request.membership = membership
        request.workspace = membership.workspace
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = self.scoped(self.model)
        return queryset

    def scoped(self, model: type[Model] | None) -> Any:
        """The model's own queryset, narrowed to the rows of this workspace."""
        if model is None or not issubclass(model, WorkspaceOwned):
            raise ImproperlyConfigured(f"{type(self).__name__} needs a model that belongs to a workspace.")
        return model.objects.for_workspace(self.request.workspace)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {
            "workspace": self.request.workspace,
            "can_edit": self.request.membership.allows(Role.EDITOR),
        }
