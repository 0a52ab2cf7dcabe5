"""What a person does with their own account."""

from allauth.account.decorators import reauthentication_required
from allauth.account.forms import SetPasswordForm
from allauth.account.views import PasswordResetFromKeyView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from workspaces import limits, mail
from workspaces.forms import ChangeEmailForm
from workspaces.limits import SignInAttempt
from workspaces.models import User
from workspaces.pages import UserRequest

EMAIL_LINK = "workspaces.change-email"
EMAIL_LINK_SECONDS = 24 * 60 * 60


class ResetPasswordView(PasswordResetFromKeyView):
    """Chooses a new password by the link in a mail, which proves the address."""

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.reset_user.set_verified_email(self.reset_user.email)
        SignInAttempt(self.request, self.reset_user.email).forgive()
        return response


@method_decorator([never_cache, login_required, reauthentication_required], name="dispatch")
class ChangeEmailView(FormView[ChangeEmailForm]):
    """The address changes once somebody opens the link in the mail that was sent to the new one."""

    form_class = ChangeEmailForm
    template_name = "account/email.html"
    request: UserRequest

    def get_form_kwargs(self) -> dict[str, object]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        is_verified = self.request.user.has_verified_email()
        return super().get_context_data(**kwargs) | {"is_verified": is_verified}

    def form_valid(self, form: ChangeEmailForm) -> HttpResponse:
        email = form.cleaned_data["email"]
        if not self.may_send(email):
            form.add_error(None, "Too many mails were requested. Try again in an hour.")
            return self.form_invalid(form)
        if self.send(email):
            messages.success(self.request, f"A link is on its way to {email}. Open it within a day.")
        else:
            messages.error(self.request, mail.NOT_ACCEPTED)
        return redirect("account_email")

    def form_invalid(self, form: ChangeEmailForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def may_send(self, email: str) -> bool:
        return (
            limits.count(self.request, "changes_of_email", str(self.request.user.pk)) is not None
            and limits.count(self.request, "mails_to_address", email) is not None
        )

    def send(self, email: str) -> bool:
        """Sends a mail in any case, so that the response does not reveal which addresses have an account."""
        user = self.request.user
        if User.objects.exclude(pk=user.pk).filter(email=email).exists():
            reset_url = settings.SITE_URL + reverse("account_reset_password")
            return mail.send(email, "Your account on Postwatch", "email_taken", button_url=reset_url)
        token = signing.dumps([user.pk, user.email, email], salt=EMAIL_LINK)
        link = settings.SITE_URL + reverse("confirm-email", args=[token])
        return mail.send(
            email, "Confirm your address on Postwatch", "confirm_email", old=user.email, button_url=link
        )


@method_decorator(never_cache, name="dispatch")
class ConfirmEmailView(LoginRequiredMixin, View):
    """Where the link leads. The account has to be signed in, so that nobody confirms a stranger's change."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(self.new_email(token))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        user, email = request.user, self.new_email(token)
        assert isinstance(user, User), "LoginRequiredMixin lets nobody else in."
        if email is None:
            return self.show(None)
        old = user.email
        try:
            with transaction.atomic():
                user.set_verified_email(email)
        except IntegrityError:
            return self.show(None)
        if old != email:
            mail.send(old, "Your address on Postwatch was changed", "email_changed", old=old, new=email)
        messages.success(request, f"{email} is confirmed. You sign in with it from now on.")
        return redirect("home")

    def new_email(self, token: str) -> str | None:
        """None when the link is too old, or of another account, or of another address than today's."""
        try:
            pk, old, new = signing.loads(token, salt=EMAIL_LINK, max_age=EMAIL_LINK_SECONDS)
        except signing.BadSignature:
            return None
        user = self.request.user
        assert isinstance(user, User), "LoginRequiredMixin lets nobody else in."
        return str(new) if (pk, old) == (user.pk, user.email) else None

    def show(self, email: str | None) -> HttpResponse:
        return render(
            self.request, "account/confirm_email.html", {"email": email}, status=200 if email else 404
        )
