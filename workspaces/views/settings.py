"""What the pages of a workspace's settings share, and the first of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import UpdateView
from django.views.generic.base import TemplateResponseMixin
from django.views.generic.edit import FormMixin

from workspaces.forms import WorkspaceForm
from workspaces.models import Role, Workspace
from workspaces.tenancy import WorkspaceMixin
from workspaces.views.editing import EditMixin


class SettingsMixin(WorkspaceMixin):
    """A page under one of the settings' tabs."""

    tab: str

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_owner = self.request.membership.allows(Role.OWNER)
        return super().get_context_data(**kwargs) | {"tab": self.tab, "is_owner": is_owner}


class SettingsFormMixin(SettingsMixin, TemplateResponseMixin, FormMixin):
    """A form. `tab_url` names the page that it leads back to."""

    tab_url: str

    def get_success_url(self) -> str:
        return reverse(self.tab_url, args=[self.request.workspace.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": self.get_success_url()}

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class GeneralPage(EditMixin, SettingsFormMixin, UpdateView):
    tab = "general"
    tab_url = "workspaces:settings"
    form_class = WorkspaceForm
    template_name = "workspaces/settings/general.html"
    required_role = Role.OWNER

    def get_object(self, queryset: Any = None) -> Workspace:
        # A copy, for the frame goes on showing the stored name while a refused one is in the form.
        return Workspace.objects.get(pk=self.request.workspace.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        form.instance.save(update_fields=["name"])
        messages.success(self.request, f"This workspace is called {form.instance} now.")
        return redirect(self.get_success_url())
