"""Browsing: the providers there are, and the integrations that a person's workspaces have set up."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.views.generic import ListView, TemplateView

from integrations.base import Provider
from integrations.forms import workspaces_to_edit
from integrations.models import Delivery, DeliveryStatus, Integration
from integrations.registry import FALLBACK, PROVIDERS, all_providers, get_provider
from integrations.views.access import ProviderMixin


class BrowseView(LoginRequiredMixin, TemplateView):
    """One card a provider; the search box asks for the cards alone while one types."""

    request: Any

    def get_template_names(self) -> list[str]:
        return ["integrations/_cards.html" if self.request.htmx else "integrations/browse.html"]

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        query = self.request.GET.get("q", "").strip()
        return super().get_context_data(**kwargs) | {
            "query": query,
            "providers": [provider for provider in all_providers() if is_match(provider, query)],
            "fallback": get_provider(FALLBACK),
            "configured": Integration.objects.for_user(self.request.user).count(),
        }


def is_match(provider: Provider, query: str) -> bool:
    text = f"{provider.name} {provider.tagline}".casefold()
    return all(word in text for word in query.casefold().split())


class ConfiguredView(LoginRequiredMixin, ListView[Integration]):
    """What is set up, of all providers or of one."""

    template_name = "integrations/configured.html"
    context_object_name = "integrations"
    paginate_by = 50
    request: Any

    def get_queryset(self) -> QuerySet[Integration]:
        integrations: QuerySet[Integration] = with_last_event(Integration.objects.for_user(self.request.user))
        if self.provider_slug:
            integrations = integrations.filter(provider=self.provider_slug)
        return integrations.select_related("workspace", "monitor").order_by("name", "created_at")

    @property
    def provider_slug(self) -> str:
        slug = self.request.GET.get("provider", "")
        return slug if slug in PROVIDERS else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        return super().get_context_data(**kwargs) | {
            "providers": all_providers(),
            "provider_slug": self.provider_slug,
            "may_add": workspaces_to_edit(self.request.user).exists(),
        }


def with_last_event(integrations: Any) -> Any:
    """Adds when the provider last accepted an event, what holds one up, and how many incidents are open."""
    deliveries = Delivery.objects.filter(integration=OuterRef("pk"))
    accepted = deliveries.filter(status=DeliveryStatus.ACCEPTED).order_by("-id")
    held_up = deliveries.filter(status=DeliveryStatus.PENDING, attempts__gt=0).order_by("-last_attempt_at")
    is_open = Q(incidents__closed_at=None, incidents__is_test=False)
    return integrations.annotate(
        last_accepted_at=Subquery(accepted.values("finished_at")[:1]),
        held_up_by=Subquery(held_up.values("response_text")[:1]),
        open_count=Count("incidents", filter=is_open),
    )


class ProviderView(ProviderMixin, TemplateView):
    """What a provider does, how to get its key, and the way to the form."""

    template_name = "integrations/provider.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        mine = Integration.objects.for_user(self.request.user).filter(provider=self.provider.slug)
        return super().get_context_data(**kwargs) | {
            "configured": mine.count(),
            "may_add": workspaces_to_edit(self.request.user).exists(),
        }
