"""The providers of Postwatch. Another one needs a folder and a line here."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from integrations.base import Provider

PROVIDERS = {
    "pagerduty": "integrations.pagerduty.provider.PagerDuty",
    "webhook": "integrations.webhook.provider.Webhook",
    "email": "integrations.email.provider.Email",
}

FALLBACK = "webhook"
"""Offered when a search finds no provider, since a webhook can reach any program."""

APPS = [path.rsplit(".", 2)[0] for path in PROVIDERS.values()]
"""The providers' folders, each a Django app for its templates, static files and commands."""


@cache
def get_provider(slug: str) -> Provider:
    """The provider of this slug. Raises KeyError when it is not in the registry."""
    provider: Provider = import_string(PROVIDERS[slug])()
    return provider


def all_providers() -> list[Provider]:
    """The providers in the order in which pages list them."""
    return [get_provider(slug) for slug in PROVIDERS]
