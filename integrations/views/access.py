"""Scoping of the pages under /integrations/, which are for all of a person's workspaces."""

from typing import Any, Generic, TypeVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.generic.base import ContextMixin

from integrations.base import Provider
from integrations.registry import PROVIDERS, get_provider
from workspaces.models import Membership, Role
from workspaces.tenancy import WorkspaceOwned

Owned = TypeVar("Owned", bound=WorkspaceOwned)


class OwnedMixin(LoginRequiredMixin, ContextMixin, Generic[Owned]):
    """A page of one object of any workspace of the person's: what is others' is not there.

    `required_role` guards what changes things; `required_role_to_read` guards GET.
    """

    model: type[Owned]
    required_role: Role = Role.EDITOR
    required_role_to_read: Role = Role.VIEWER
    request: Any
    object: Owned
    can_edit: bool

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.object = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        membership = Membership.objects.get(user=request.user, workspace=self.object.workspace)
        reading = request.method in ("GET", "HEAD", "OPTIONS")
        if not membership.allows(self.required_role_to_read if reading else self.required_role):
            raise PermissionDenied("Your role in this workspace does not allow this. Ask an owner.")
        self.can_edit = membership.allows(Role.EDITOR)
        request.workspace = self.object.workspace
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Owned]:
        mine: Any = self.model.objects.for_user(self.request.user)
        queryset: QuerySet[Owned] = mine.select_related("workspace")
        return queryset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"can_edit": self.can_edit, "workspace": self.object.workspace}


class ProviderMixin(LoginRequiredMixin, ContextMixin):
    """A page of one provider of the catalogue."""

    provider: Provider
    request: Any

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["provider"] not in PROVIDERS:
            raise Http404
        self.provider = get_provider(kwargs["provider"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"provider": self.provider}
