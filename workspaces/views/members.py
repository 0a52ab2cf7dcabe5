"""Who is in a workspace, and what each of them may do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import DetailView, FormView, ListView

from workspaces.forms import RoleForm
from workspaces.models import WITH_ARTICLE, LastOwner, Membership, Role
from workspaces.views.editing import EditMixin
from workspaces.views.settings import SettingsFormMixin, SettingsMixin


class MembersMixin(SettingsMixin):
    tab = "members"

    def get_queryset(self) -> QuerySet[Membership]:
        return self.request.workspace.memberships.select_related("user", "workspace").order_by("user__email")


class MemberList(MembersMixin, ListView):
    template_name = "workspaces/settings/members.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if context["is_owner"]:
            pending = self.request.workspace.invitations.pending()
            context["invitations"] = pending.select_related("invited_by").order_by("email")
        return context


class MemberPage(EditMixin, MembersMixin, SettingsFormMixin, FormView):
    """One member's role."""

    tab_url = "workspaces:members"
    form_class = RoleForm
    template_name = "workspaces/settings/member.html"
    required_role = required_role_to_read = Role.OWNER

    @cached_property
    def member(self) -> Membership:
        return self.edited_object()

    def edited_object(self) -> Membership:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, Any]:
        return {"role": self.member.role}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"member": self.member}

    def form_valid(self, form: RoleForm) -> HttpResponse:
        try:
            self.member.change_role(form.cleaned_data["role"])
        except LastOwner as problem:
            form.add_error("role", str(problem))
            return self.form_invalid(form)
        messages.success(self.request, f"{self.member.user} is {WITH_ARTICLE[Role(self.member.role)]} now.")
        return redirect(self.get_success_url())


class RemoveMember(MembersMixin, DetailView):
    """An owner removes anybody; anybody may leave."""

    template_name = "workspaces/settings/remove_member.html"
    required_role = Role.VIEWER

    def get_object(self, queryset: Any = None) -> Membership:
        membership: Membership = super().get_object(queryset)
        if membership != self.request.membership and not self.request.membership.allows(Role.OWNER):
            raise PermissionDenied("Only owners remove others. Ask one.")
        return membership

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "leaving": self.object == self.request.membership,
            "cancel_url": reverse("workspaces:members", args=[self.request.workspace.slug]),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = membership = self.get_object()
        try:
            membership.end()
        except LastOwner as problem:
            context = self.get_context_data(problem=str(problem))
            return render(request, self.template_name, context, status=422)
        if membership.user == request.user:
            messages.success(request, f"You left {membership.workspace}.")
            return redirect("home")
        messages.success(request, f"{membership.user} is no longer in this workspace.")
        return redirect("workspaces:members", membership.workspace.slug)
