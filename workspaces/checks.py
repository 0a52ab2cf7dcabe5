"""Checks of the operator's secrets: commands and processes that need them do not start without."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured


def secrets_are_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(f"Set {name}: docs/configuration.md says how to make one.", id="workspaces.E001")
        for name, is_set in (
            ("SECRET_KEY", has_secret_key()),
            ("FIELD_ENCRYPTION_KEYS", any(settings.FIELD_ENCRYPTION_KEYS)),
        )
        if not is_set
    ]


def has_secret_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:  # what Django makes of an empty one
        return False


def encryption_keys_fit(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    try:
        for key in filter(None, settings.FIELD_ENCRYPTION_KEYS):
            Fernet(key.strip())
    except ValueError:
        hint = "docs/configuration.md says how to make one."
        message = "FIELD_ENCRYPTION_KEYS holds something that is not a Fernet key."
        return [Error(message, hint=hint, id="workspaces.E002")]
    return []
