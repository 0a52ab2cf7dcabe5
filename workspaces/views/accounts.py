"""What a person does with their own account."""

from typing import Any

from allauth.account.views import PasswordResetFromKeyView
from django.http import HttpResponse

from workspaces.limits import SignInAttempt


class ResetPassword(PasswordResetFromKeyView):
    """Chooses a new password by the link in a mail."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        SignInAttempt(self.request, self.reset_user.email).forgive()
        return response
