"""The providers that Postwatch knows. A new one is a folder and a line here."""

from functools import cache

from django.utils.module_loading import import_string

from integrations.base import Provider

PROVIDERS = {
    "pagerduty": "integrations.pagerduty.provider.PagerDuty",
}


@cache
def get_provider(slug: str) -> Provider:
    """Raises KeyError for a provider that is not in the registry."""
    provider: Provider = import_string(PROVIDERS[slug])()
    return provider


def all_providers() -> list[Provider]:
    return [get_provider(slug) for slug in PROVIDERS]
