"""What the pages of a workspace's settings share, and the first of them."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.generic import UpdateView

from workspaces.forms import GeneralForm
from workspaces.models import Role, Workspace
from workspaces.pages import FormPage, WorkspaceMixin
from workspaces.views.editing import EditMixin


class SettingsMixin(WorkspaceMixin):
    """A page under one of the settings' tabs."""

    tab: str

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        is_owner = self.request.membership.allows(Role.OWNER)
        return super().get_context_data(**kwargs) | {"tab": self.tab, "is_owner": is_owner}


class GeneralView(EditMixin, SettingsMixin, FormPage[GeneralForm], UpdateView[Workspace, GeneralForm]):
    tab = "general"
    parent = "workspaces:settings"
    form_class = GeneralForm
    template_name = "workspaces/settings/general.html"
    required_role = Role.OWNER
    required_role_to_read = Role.VIEWER

    def get_object(self, queryset: QuerySet[Workspace] | None = None) -> Workspace:
        # A copy, for the frame goes on showing the stored name while a refused one is in the form.
        return Workspace.objects.get(pk=self.request.workspace.pk)

    def form_valid(self, form: GeneralForm) -> HttpResponse:
        form.instance.save(update_fields=form.Meta.fields)
        messages.success(self.request, "The settings are saved.")
        return redirect(self.get_success_url())
