"""Inviting people to a workspace, and accepting."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import DetailView, FormView

from workspaces import invitations
from workspaces.forms import InvitationForm
from workspaces.models import Invitation, InvitationGone, Role, User
from workspaces.pages import ConfirmPage, FormPage
from workspaces.views.settings import SettingsMixin


class InvitationsMixin(SettingsMixin):
    tab = "members"
    required_role = required_role_to_read = Role.OWNER

    def get_queryset(self) -> QuerySet[Invitation]:
        return self.request.workspace.invitations.pending()

    def show_sent(self, invitation: Invitation, link: str | None) -> HttpResponse:
        """Shows the link in this response alone, where it could not be mailed."""
        members_url = reverse("workspaces:members", args=[self.request.workspace.slug])
        if link is None:
            messages.success(self.request, f"An invitation is on its way to {invitation.email}.")
            return redirect(members_url)
        context = self.get_context_data(invitation=invitation, link=link, cancel_url=members_url)
        response = render(self.request, "workspaces/settings/invitation_link.html", context)
        add_never_cache_headers(response)
        return response


class InviteMemberView(InvitationsMixin, FormPage[InvitationForm], FormView[InvitationForm]):
    parent = "workspaces:members"
    form_class = InvitationForm
    template_name = "workspaces/settings/invite_member.html"

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        invitation = Invitation(
            workspace=self.request.workspace,
            email=form.cleaned_data["email"],
            role=form.cleaned_data["role"],
            invited_by=self.request.user,
        )
        try:
            link = invitations.send(self.request, invitation)
        except invitations.TooManyMails as problem:
            form.add_error(None, str(problem))
            return self.form_invalid(form)
        except IntegrityError:
            form.add_error("email", "Another owner invited this address at the same moment.")
            return self.form_invalid(form)
        return self.show_sent(invitation, link)


class ResendInvitationView(InvitationsMixin, DetailView[Invitation]):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.object = invitation = self.get_object()
        try:
            link = invitations.send(request, invitation)
        except invitations.TooManyMails as problem:
            messages.error(request, str(problem))
            return redirect("workspaces:members", self.request.workspace.slug)
        return self.show_sent(invitation, link)


class RevokeInvitationView(InvitationsMixin, ConfirmPage[Invitation]):
    parent = "workspaces:members"
    template_name = "workspaces/settings/revoke_invitation.html"

    def act(self) -> str:
        self.object.revoke()
        return f"The invitation of {self.object.email} is revoked: its link no longer works."


@method_decorator(never_cache, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class AcceptInvitationView(View):
    """Where the link leads: to accept, or first to sign in, or to make an account of the invited address."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponseBase:
        invitation = Invitation.objects.acceptable_with(kwargs["token"])
        if invitation is None:
            return self.show_gone()
        self.invitation = invitation
        try:
            return super().dispatch(request, *args, **kwargs)
        except InvitationGone:
            return self.show_gone()

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(None if self.must_sign_in() else self.form())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if request.user.is_authenticated:
            return self.accept(request.user)
        form = self.form(request.POST)
        if self.must_sign_in() or not form.is_valid():
            return self.show(None if self.must_sign_in() else form, status=422)
        try:
            user = self.create_account(form.cleaned_data["new_password1"])
        except IntegrityError:
            form.add_error(None, "This address has an account: sign in, and then accept.")
            return self.show(form, status=422)
        workspace = self.invitation.workspace
        home = workspace.get_absolute_url()
        response: HttpResponse = perform_login(request, user, redirect_url=home, email=user.email)
        return response

    def accept(self, user: User) -> HttpResponse:
        if not self.invitation.can_be_accepted_by(user):
            return self.show(None, status=403)
        membership = self.invitation.accept(user)
        messages.success(self.request, f"You are a member of {membership.workspace} now.")
        return redirect(membership.workspace)

    @transaction.atomic
    def create_account(self, password: str) -> User:
        """The link in a mail proves the address; one that an owner handed over does not."""
        user = User.objects.create_user(
            self.invitation.email, password, is_verified=self.invitation.was_mailed
        )
        self.invitation.accept(user)
        return user

    def must_sign_in(self) -> bool:
        """A person with a link from an owner does not learn here whether the address has an account."""
        if self.request.user.is_authenticated:
            return True
        return self.invitation.was_mailed and User.objects.filter(email=self.invitation.email).exists()

    def form(self, data: QueryDict | None = None) -> "SetPasswordForm[User]":
        return SetPasswordForm(User(email=self.invitation.email), data)

    def show(self, form: "SetPasswordForm[User] | None", status: int = 200) -> HttpResponse:
        user = self.request.user
        context = {
            "invitation": self.invitation,
            "role": Role(self.invitation.role).with_article,
            "form": form,
            "is_theirs": user.is_authenticated and user.email == self.invitation.email,
            "may_accept": user.is_authenticated and self.invitation.can_be_accepted_by(user),
        }
        return render(self.request, "account/invitation.html", context, status=status)

    def show_gone(self) -> HttpResponse:
        return render(self.request, "account/invitation_gone.html", status=404)
