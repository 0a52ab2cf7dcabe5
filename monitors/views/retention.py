"""How long runs are kept: a tab of a workspace's settings."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.generic import UpdateView

from monitors.forms.retention import RetentionForm
from monitors.models import Retention
from workspaces.models import Role
from workspaces.pages import FormPage
from workspaces.views.editing import EditMixin
from workspaces.views.settings import SettingsMixin


class RetentionView(EditMixin, SettingsMixin, FormPage[RetentionForm], UpdateView[Retention, RetentionForm]):
    """Everybody sees what is kept. Owners change it."""

    tab = "retention"
    parent = "monitors:retention"
    form_class = RetentionForm
    template_name = "monitors/retention/form.html"
    required_role = Role.OWNER
    required_role_to_read = Role.VIEWER

    def get_object(self, queryset: QuerySet[Retention] | None = None) -> Retention:
        workspace = self.request.workspace
        if self.request.method != "POST":
            return Retention.of(workspace.pk)
        # Two people who choose something for the first time change one row.
        retention, _ = Retention.objects.get_or_create(workspace=workspace)
        return retention

    def form_valid(self, form: RetentionForm) -> HttpResponse:
        form.save()
        messages.success(self.request, "What is older is removed in the background, within the next hours.")
        return redirect(self.get_success_url())
