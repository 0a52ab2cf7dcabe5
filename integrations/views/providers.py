"""The pages about providers: the list to browse, and one provider with the way to its form."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import TemplateView

from integrations.base import Provider
from integrations.models import Integration
from integrations.registry import FALLBACK, all_providers, get_provider
from integrations.views.base import ProviderMixin
from workspaces.models import Role, Workspace
from workspaces.pages import UserRequest


class ProviderListView(LoginRequiredMixin, TemplateView):
    """One card for each provider. The search box requests only the cards while a person types."""

    request: UserRequest

    def get_template_names(self) -> list[str]:
        return ["integrations/_cards.html" if self.request.htmx else "integrations/browse.html"]

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        query = self.request.GET.get("q", "").strip()
        return super().get_context_data(**kwargs) | {
            "query": query,
            "providers": [provider for provider in all_providers() if matches(provider, query)],
            "fallback": get_provider(FALLBACK),
            "integration_count": Integration.objects.for_user(self.request.user).count(),
        }


def matches(provider: Provider, query: str) -> bool:
    """Whether the provider's name and tagline contain every word of the query."""
    text = f"{provider.name} {provider.tagline}".casefold()
    return all(word in text for word in query.casefold().split())


class ProviderView(ProviderMixin, TemplateView):
    """What a provider does, and how to set it up."""

    template_name = "integrations/provider.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        integrations = Integration.objects.for_user(self.request.user).filter(provider=self.provider.slug)
        return super().get_context_data(**kwargs) | {
            "integration_count": integrations.count(),
            "can_add": Workspace.objects.for_user(self.request.user, Role.EDITOR).exists(),
        }
