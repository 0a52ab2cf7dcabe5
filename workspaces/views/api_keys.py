"""The keys of a workspace's automation."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.generic import CreateView, DetailView, ListView

from workspaces.forms import ApiKeyForm
from workspaces.models import ApiKey, Role
from workspaces.views.settings import SettingsFormMixin, SettingsMixin


class ApiKeysMixin(SettingsMixin):
    """For owners alone, for a key may do what its maker may not."""

    tab = "api-keys"
    required_role = required_role_to_read = Role.OWNER

    def get_queryset(self) -> QuerySet[ApiKey]:
        return self.request.workspace.api_keys.order_by("name", "pk")


class ApiKeyList(ApiKeysMixin, ListView):
    template_name = "workspaces/settings/api_keys.html"


class AddApiKey(SettingsFormMixin, CreateView):
    tab = "api-keys"
    tab_url = "workspaces:api-keys"
    form_class = ApiKeyForm
    template_name = "workspaces/settings/add_api_key.html"
    required_role = required_role_to_read = Role.OWNER

    def form_valid(self, form: Any) -> HttpResponse:
        """Shows the key in this answer alone: a redirect would have to keep it somewhere in between."""
        name, role = form.cleaned_data["name"], form.cleaned_data["role"]
        key, text = ApiKey.issue(self.request.workspace, name, role)
        self.object = None
        context = self.get_context_data(key=key, text=text)
        response = render(self.request, "workspaces/settings/new_api_key.html", context)
        add_never_cache_headers(response)
        return response


class RevokeApiKey(ApiKeysMixin, DetailView):
    template_name = "workspaces/settings/revoke_api_key.html"
    context_object_name = "key"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cancel_url = reverse("workspaces:api-keys", args=[self.request.workspace.slug])
        return super().get_context_data(**kwargs) | {"cancel_url": cancel_url}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = self.get_object()
        key.delete()
        messages.success(request, f"{key.name} is revoked: what uses it is refused from now on.")
        return redirect("workspaces:api-keys", self.request.workspace.slug)
