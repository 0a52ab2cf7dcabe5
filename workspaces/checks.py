"""System checks of the operator's settings. Processes do not start while one of them fails."""

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from workspaces import trusted_proxies


def secrets_are_set(app_configs: object, **kwargs: object) -> list[CheckMessage]:
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


def encryption_keys_fit(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    try:
        for key in filter(None, settings.FIELD_ENCRYPTION_KEYS):
            Fernet(key.strip())
    except ValueError:
        hint = "docs/configuration.md says how to make one."
        message = "FIELD_ENCRYPTION_KEYS holds something that is not a Fernet key."
        return [Error(message, hint=hint, id="workspaces.E002")]
    return []


def cache_is_known(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if settings.CACHE_URL == "database" or settings.CACHE_URL.startswith(("redis://", "rediss://")):
        return []
    message = "CACHE_URL is neither `database` nor the URL of a Redis server."
    return [Error(message, id="workspaces.E003")]


def proxies_are_known(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    try:
        trusted_proxies.networks(settings.TRUSTED_PROXIES)
    except ValueError as problem:
        return [Error(f"TRUSTED_PROXIES: {problem}.", id="workspaces.E004")]
    return []


def proxies_are_named(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    if not settings.SITE_URL.startswith("https://") or settings.TRUSTED_PROXIES:
        return []
    message = "TRUSTED_PROXIES is empty, and something in front of Postwatch has to end TLS."
    hint = "Name its address: until then all people behind it share one limit of sign-in attempts."
    return [Warning(message, hint=hint, id="workspaces.W001")]
