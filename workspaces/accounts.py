"""What Postwatch changes about allauth's sign-in."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from workspaces.limits import SignInAttempt
from workspaces.mail import NOT_ACCEPTED, NOT_SENT
from workspaces.trusted_proxies import UNIX_SOCKET

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "There were too many wrong passwords. Wait for some minutes, or choose a "
        "new one by “Forgot your password?”.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Sign-up is closed: accounts are made by the operator or by an invitation."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that TrustedProxyMiddleware found. Visitors by an untrusted socket file share one."""
        return request.META.get("REMOTE_ADDR") or UNIX_SOCKET

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', args=[uid, token])}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Sends a mail whether or not the address has an account; a failure looks the same in both cases."""
        context |= {"site_url": settings.SITE_URL, "button_url": context.get("password_reset_url", "")}
        try:
            super().send_mail(template_prefix, email, context)
        except NOT_SENT as problem:
            log.warning("The mail %r could not be sent: %s", template_prefix, problem)
            messages.error(self.request, NOT_ACCEPTED)

    def authenticate(self, request: HttpRequest, **credentials: str) -> AbstractBaseUser | None:
        attempt = SignInAttempt(request, credentials["email"])
        if not attempt.is_allowed():
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.succeeded()
        return user
