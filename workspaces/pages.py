"""The kinds of pages: who may open one, a form, a question before an action, a list.

A view inherits first what scopes its objects (`WorkspaceMixin`, or another subclass of `RoleRequiredMixin`),
then the kind of page: `class DeleteMonitorView(WorkspaceMixin, ConfirmPage[Monitor])`.
"""

from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.urls import reverse
from django.views.generic import DetailView, ListView, View
from django.views.generic.base import ContextMixin, TemplateResponseMixin
from django.views.generic.edit import FormMixin
from django_filters import FilterSet
from django_htmx.middleware import HtmxDetails

from workspaces.models import Membership, Role, User, Workspace
from workspaces.tenancy import scoped

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=BaseForm)


class UserRequest(HttpRequest):
    """A request of a signed-in person."""

    user: User
    htmx: HtmxDetails


class WorkspaceRequest(UserRequest):
    """The request of a view whose person and role `RoleRequiredMixin` has checked."""

    workspace: Workspace
    membership: Membership


class RoleRequiredMixin(LoginRequiredMixin, TemplateResponseMixin, ContextMixin, View):
    """A page for the members of one workspace whose role allows it; to others the page does not exist.

    `required_role` guards what changes things; `required_role_to_read` guards GET.
    """

    required_role: Role = Role.EDITOR
    required_role_to_read: Role = Role.VIEWER
    request: WorkspaceRequest

    def get_membership(self) -> Membership:
        """The person's membership in the workspace of this page, with the workspace. Raises Http404."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        membership = self.get_membership()
        reading = request.method in ("GET", "HEAD", "OPTIONS")
        if not membership.allows(self.required_role_to_read if reading else self.required_role):
            raise PermissionDenied("Your role in this workspace does not allow this. Ask an owner.")
        self.request.membership = membership
        self.request.workspace = membership.workspace
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "workspace": self.request.workspace,
            "can_edit": self.request.membership.allows(Role.EDITOR),
        }


class WorkspaceMixin(RoleRequiredMixin):
    """A page under /w/<slug>/: its objects are those of that workspace."""

    def get_membership(self) -> Membership:
        return get_object_or_404(
            Membership.objects.select_related("workspace"),
            user=self.request.user,
            workspace__slug=self.kwargs["slug"],
        )

    def get_queryset(self) -> QuerySet[Any]:
        return scoped(super().get_queryset(), self.request.workspace)  # type: ignore[misc]


class FormPage(RoleRequiredMixin, FormMixin[F]):
    """A page with a form, which is given the workspace; one that is not valid is shown again with status 422.

    Combine it with Django's FormView, CreateView or UpdateView.
    """

    required_role_to_read = Role.EDITOR
    parent: str
    """The URL name of the page, under the workspace, that Cancel and a successful save lead to."""

    def get_form_kwargs(self) -> dict[str, object]:
        return super().get_form_kwargs() | {"workspace": self.request.workspace}

    def get_cancel_url(self) -> str:
        return reverse(self.parent, args=[self.request.workspace.slug])

    def get_success_url(self) -> str:
        return self.get_cancel_url()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"cancel_url": self.get_cancel_url()}

    def form_invalid(self, form: F) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Refused(Exception):
    """Something that a person asked for cannot be done; its text is the sentence that says why."""


class ConfirmPage(RoleRequiredMixin, DetailView[M]):
    """A page that asks before it acts: GET asks, POST acts. Its template extends workspaces/confirm.html."""

    required_role_to_read = Role.EDITOR
    parent = ""
    """The URL name of the page, under the workspace, that Cancel leads to; by default the object's own."""
    success_page = ""
    """The URL name of the page that follows the action; by default the one that Cancel leads to."""
    problem = ""
    """Why the action was refused."""

    def act(self) -> str:
        """Does it to `object`, and returns the sentence that says so. Raises Refused."""
        raise NotImplementedError

    def get_cancel_url(self) -> str:
        return self.page_url(self.parent) if self.parent else resolve_url(self.object)

    def get_success_url(self) -> str:
        return self.page_url(self.success_page) if self.success_page else self.get_cancel_url()

    def page_url(self, name: str) -> str:
        return reverse(name, args=[self.request.workspace.slug])

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "cancel_url": self.get_cancel_url(),
            "problem": self.problem,
        }

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object = self.get_object()
        try:
            done = self.act()
        except Refused as refusal:
            self.problem = str(refusal)
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, done)
        return redirect(self.get_success_url())


class DeletePage(ConfirmPage[M]):
    """Asks before it deletes. Takes `kind` and `loss`, a sentence about what goes with it, as context."""

    template_name = "workspaces/delete.html"

    def act(self) -> str:
        self.object.delete()
        return f"{self.object} is deleted."


class ListPage(ListView[M]):
    """A list with a search box and filters, which `filterset_class` reads from the query of the URL.

    A filter with an unknown value is ignored: the link may be old. Its template extends workspaces/list.html.
    """

    filterset_class: type[FilterSet]
    filterset: FilterSet
    search_label = ""
    """The label of the search box, which filters by `q`."""
    none_found = ""
    """The sentence for filters that no row matches."""
    paginate_by = 25

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        # Here `get_queryset` has scoped the rows, so no filter sees those of other workspaces.
        self.filterset = self.filterset_class(request.GET, self.get_queryset(), request=request)
        self.object_list = self.filterset.qs
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        given = self.request.GET
        return super().get_context_data(**kwargs) | {
            "query": given.get("q", ""),
            "search_label": self.search_label,
            "none_found": self.none_found,
            "is_filtered": any(self.filterset.form.cleaned_data.values()),
            "kept_parameters": [(name, given[name]) for name in given if name not in ("q", "page")],
        }
