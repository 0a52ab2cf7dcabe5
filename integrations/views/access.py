"""Scoping of the pages under /integrations/, which are for all of a person's workspaces."""

from typing import Any, TypeVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.generic.base import ContextMixin
from django.views.generic.detail import SingleObjectMixin

from integrations.base import Provider
from integrations.registry import PROVIDERS, get_provider
from workspaces.models import Membership
from workspaces.pages import RoleRequiredMixin
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

Owned = TypeVar("Owned", bound=WorkspaceOwned)


class OwnedMixin(RoleRequiredMixin, SingleObjectMixin[Owned]):
    """A page of one object of any workspace of the person's: what is others' is not there."""

    object: Owned

    def get_membership(self) -> Membership:
        self.object = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        memberships = Membership.objects.select_related("workspace")
        return memberships.get(user=self.request.user, workspace=self.object.workspace)

    def get_object(self, queryset: QuerySet[Owned] | None = None) -> Owned:
        return self.object

    def get_queryset(self) -> QuerySet[Owned]:
        rows = self.model._default_manager.all()
        assert isinstance(rows, WorkspaceOwnedQuerySet)
        return rows.for_user(self.request.user).select_related("workspace")


class ProviderMixin(LoginRequiredMixin, ContextMixin):
    """A page of one provider of the catalogue."""

    provider: Provider
    request: Any

    def dispatch(self, request: Any, *args: object, **kwargs: object) -> HttpResponseBase:
        if kwargs["provider"] not in PROVIDERS:
            raise Http404
        self.provider = get_provider(kwargs["provider"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"provider": self.provider}
