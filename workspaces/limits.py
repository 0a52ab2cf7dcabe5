"""Rate limits. They are counted in the shared cache, so that all web processes count together."""

import hashlib
from typing import TypeAlias

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

LIMITS = {
    "wrong_password_from_address": "30/5m/ip,100/h/ip",
    # For account and IP address together, so that a stranger cannot lock out the owner of the account.
    "wrong_password": "5/5m/key,20/h/key",
    # From all IP addresses that the account has not signed in from before.
    "wrong_password_of_account": "100/h/key",
    "wrong_api_key": "300/m/ip",
    "invitations_of_workspace": "50/d/key",
    "changes_of_email": "5/h/key",
    # For invitations and changes of address alike: nobody can use Postwatch to flood a mailbox.
    "mails_to_address": "3/h/key,10/d/key",
}
"""`ip` counts for each IP address (its first 64 bits for IPv6), `key` for each key of the caller."""

KNOWN_ADDRESS_SECONDS = 90 * 24 * 60 * 60

Usage: TypeAlias = ratelimit.RateLimitUsage


def count(request: HttpRequest, action: str, key: str = "") -> Usage | None:
    """Counts one more `action`. Returns None when the limit is exceeded."""
    return ratelimit.consume(request, app="postwatch", action=action, config=LIMITS, key=key, limit_get=True)


def forget(request: HttpRequest, action: str, key: str) -> None:
    ratelimit.clear(request, app="postwatch", action=action, config=LIMITS, key=key)


class SignInAttempt:
    """One attempt to sign in. It counts as failed until the password turns out to be right."""

    def __init__(self, request: HttpRequest, email: str) -> None:
        self.request = request
        self.email = email.strip().lower()
        self.email_and_address = f"{self.email} {ratelimit.get_ip(request)}"
        self.usages: list[Usage] = []

    def is_allowed(self) -> bool:
        # Many strangers together must not lock out the owner either.
        return (
            self._count("wrong_password_from_address")
            and self._count("wrong_password", self.email_and_address)
            and (self._is_known_address() or self._count("wrong_password_of_account", self.email))
        )

    def succeeded(self) -> None:
        for usage in self.usages:
            usage.rollback()
        self._remember_address()

    def forgive(self) -> None:
        """Forgets earlier failures, once the person has proved by mail who they are."""
        forget(self.request, "wrong_password", self.email_and_address)
        self._remember_address()

    def _count(self, action: str, key: str = "") -> bool:
        usage = count(self.request, action, key)
        if usage is not None:
            self.usages.append(usage)
        return usage is not None

    def _remember_address(self) -> None:
        cache.set(self._known_address, True, KNOWN_ADDRESS_SECONDS)

    def _is_known_address(self) -> bool:
        return cache.get(self._known_address) is not None

    @property
    def _known_address(self) -> str:
        return f"known-address:{hashlib.sha256(self.email_and_address.encode()).hexdigest()}"
