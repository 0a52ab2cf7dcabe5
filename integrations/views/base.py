"""What the pages under /integrations/ have in common: they are about all workspaces of a person."""

from typing import TypeVar

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View
from django.views.generic.detail import SingleObjectMixin

from integrations.base import Provider
from integrations.registry import PROVIDERS, get_provider
from workspaces.models import Membership
from workspaces.pages import RoleRequiredMixin, UserRequest
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

Owned = TypeVar("Owned", bound=WorkspaceOwned)


class ObjectWorkspaceMixin(RoleRequiredMixin, SingleObjectMixin[Owned]):
    """A page about one object of any of the person's workspaces; others do not exist.

    The object's workspace is that of the request.
    """

    object: Owned

    def get_membership(self) -> Membership:
        self.object = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        memberships = Membership.objects.select_related("workspace")
        return memberships.get(user=self.request.user, workspace=self.object.workspace)

    def get_object(self, queryset: QuerySet[Owned] | None = None) -> Owned:
        return self.object

    def get_queryset(self) -> QuerySet[Owned]:
        queryset = super().get_queryset()
        assert isinstance(queryset, WorkspaceOwnedQuerySet)
        return queryset.for_user(self.request.user).select_related("workspace")


class ProviderMixin(LoginRequiredMixin, TemplateResponseMixin, ContextMixin, View):
    """A page about one provider."""

    provider: Provider
    request: UserRequest

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponseBase:
        if kwargs["provider"] not in PROVIDERS:
            raise Http404
        self.provider = get_provider(kwargs["provider"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"provider": self.provider}
