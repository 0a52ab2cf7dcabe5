"""What Postwatch changes of allauth's sign-in."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from workspaces.limits import SignInAttempt
from workspaces.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "There were too many wrong passwords. Wait for some minutes, or choose a "
        "new one by “Forgot your password?”.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by the operator or an owner; nobody signs up alone."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        attempt = SignInAttempt(request, credentials["email"])
        if not attempt.is_allowed():
            raise self.validation_error("too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeeded()
        return user
