"""The keys of a workspace's automation."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.generic import CreateView, ListView

from workspaces.forms import ApiKeyForm
from workspaces.models import ApiKey, Role
from workspaces.pages import ConfirmPage, FormPage
from workspaces.views.settings import SettingsMixin


class ApiKeysMixin(SettingsMixin):
    """For owners alone, for a key may do what its maker may not."""

    tab = "api-keys"
    required_role = required_role_to_read = Role.OWNER

    def get_queryset(self) -> QuerySet[ApiKey]:
        return self.request.workspace.api_keys.order_by("name", "pk")


class ApiKeyListView(ApiKeysMixin, ListView[ApiKey]):
    template_name = "workspaces/settings/api_keys.html"


class AddApiKeyView(ApiKeysMixin, FormPage[ApiKeyForm], CreateView[ApiKey, ApiKeyForm]):
    parent = "workspaces:api-keys"
    form_class = ApiKeyForm
    template_name = "workspaces/settings/add_api_key.html"

    def form_valid(self, form: ApiKeyForm) -> HttpResponse:
        """Shows the key in this response alone: a redirect would have to keep it somewhere in between."""
        name, role = form.cleaned_data["name"], form.cleaned_data["role"]
        key, text = ApiKey.issue(self.request.workspace, name, role)
        self.object = None
        context = self.get_context_data(key=key, text=text)
        response = render(self.request, "workspaces/settings/new_api_key.html", context)
        add_never_cache_headers(response)
        return response


class RevokeApiKeyView(ApiKeysMixin, ConfirmPage[ApiKey]):
    parent = "workspaces:api-keys"
    template_name = "workspaces/settings/revoke_api_key.html"
    context_object_name = "key"

    def act(self) -> str:
        self.object.delete()
        return f"{self.object.name} is revoked: what uses it is refused from now on."
