from django.apps import AppConfig
from django.core.checks import register

from workspaces import checks


class WorkspacesConfig(AppConfig):
    name = "workspaces"

    def ready(self) -> None:
        register(checks.secrets_are_set)
        register(checks.encryption_keys_fit)
        register(checks.cache_is_known)
        register(checks.proxies_are_known)
        register(checks.proxies_are_named, deploy=True)
