"""Who is in a workspace, and what each of them may do."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import FormView, ListView

from workspaces.forms import RoleForm
from workspaces.models import LastOwner, Membership, Role
from workspaces.pages import ConfirmPage, FormPage, Refused
from workspaces.views.editing import EditMixin
from workspaces.views.settings import SettingsMixin


class MembersMixin(SettingsMixin):
    tab = "members"

    def get_queryset(self) -> QuerySet[Membership]:
        return self.request.workspace.memberships.select_related("user", "workspace").order_by("user__email")


class MemberListView(MembersMixin, ListView[Membership]):
    template_name = "workspaces/settings/members.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        if context["is_owner"]:
            pending = self.request.workspace.invitations.pending()
            context["invitations"] = pending.select_related("invited_by").order_by("email")
        return context


class MemberView(EditMixin, MembersMixin, FormPage[RoleForm], FormView[RoleForm]):
    """One member's role."""

    parent = "workspaces:members"
    form_class = RoleForm
    template_name = "workspaces/settings/member.html"
    required_role = required_role_to_read = Role.OWNER

    @cached_property
    def member(self) -> Membership:
        return self.edited_object()

    def edited_object(self) -> Membership:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def get_initial(self) -> dict[str, object]:
        return {"role": self.member.role}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"member": self.member}

    def form_valid(self, form: RoleForm) -> HttpResponse:
        try:
            self.member.change_role(form.cleaned_data["role"])
        except LastOwner as problem:
            form.add_error("role", str(problem))
            return self.form_invalid(form)
        messages.success(self.request, f"{self.member.user} is {Role(self.member.role).with_article} now.")
        return redirect(self.get_success_url())


class RemoveMemberView(MembersMixin, ConfirmPage[Membership]):
    """An owner removes anybody; anybody may leave."""

    parent = "workspaces:members"
    template_name = "workspaces/settings/remove_member.html"
    required_role = required_role_to_read = Role.VIEWER

    def get_object(self, queryset: QuerySet[Membership] | None = None) -> Membership:
        membership = super().get_object(queryset)
        if membership != self.request.membership and not self.request.membership.allows(Role.OWNER):
            raise PermissionDenied("Only owners remove others. Ask one.")
        return membership

    @property
    def is_leaving(self) -> bool:
        """Also after `act`, when the membership has no primary key any more."""
        return self.object.user_id == self.request.user.pk

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {"is_leaving": self.is_leaving}

    def get_success_url(self) -> str:
        return reverse("home") if self.is_leaving else super().get_success_url()

    def act(self) -> str:
        try:
            self.object.end()
        except LastOwner as problem:
            raise Refused(str(problem))
        if self.is_leaving:
            return f"You left {self.object.workspace}."
        return f"{self.object.user} is no longer in this workspace."
