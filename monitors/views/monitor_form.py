"""Adding and editing a monitor."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import CreateView, UpdateView, View
from django.views.generic.base import TemplateResponseMixin
from django.views.generic.edit import ModelFormMixin

from monitors.forms import MonitorForm, SchedulePreview
from monitors.models import Collection, Monitor
from monitors.signals import changed
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin
from workspaces.views.editing import EditMixin


class MonitorFormPage(WorkspaceMixin, TemplateResponseMixin, ModelFormMixin):
    """What creating and editing have in common."""

    model = Monitor
    form_class = MonitorForm
    template_name: str | None = "monitors/monitor_form.html"
    required_role_to_read = Role.EDITOR

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"workspace": self.request.workspace}

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class AddMonitor(MonitorFormPage, CreateView):
    def get_initial(self) -> dict[str, Any]:
        return {
            "collection": self.request.GET.get("collection"),
            "timezone": timezone.get_current_timezone_name(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "has_collections": Collection.objects.for_workspace(self.request.workspace).exists()
        }

    def form_valid(self, form: Any) -> HttpResponse:
        monitor = form.save(commit=False)
        monitor.created_by = self.request.user
        monitor.save()
        messages.success(self.request, f"{monitor} is set up. Its first run is on its way.")
        monitor.run_now()
        return redirect(monitor)


class EditMonitor(EditMixin, MonitorFormPage, UpdateView):
    def form_valid(self, form: Any) -> HttpResponse:
        monitor = form.save()
        if form.has_changed():
            changed.send(sender=Monitor, subject=monitor, what="edited", by=str(self.request.user))
        messages.success(self.request, f"{monitor} is saved. The next run goes by it.")
        return redirect(monitor)


class PreviewSchedule(WorkspaceMixin, View):
    """The next runs of a schedule that is being typed."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        typed = (request.GET.get(name, "") for name in ("schedule", "cron", "timezone"))
        return render(request, "monitors/_schedule_preview.html", {"preview": SchedulePreview.of(*typed)})
