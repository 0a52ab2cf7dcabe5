"""Adding and editing a monitor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.generic import CreateView, UpdateView

from monitors.forms.monitors import MonitorForm, SchedulePreview
from monitors.models import Collection, Monitor
from workspaces.pages import FormPage, WorkspaceMixin
from workspaces.views.editing import EditMixin


class MonitorFormPage(WorkspaceMixin, FormPage[MonitorForm]):
    """What adding and editing share."""

    model = Monitor
    parent = "monitors:monitors"
    form_class = MonitorForm
    template_name = "monitors/monitors/form.html"


class AddMonitorView(MonitorFormPage, CreateView[Monitor, MonitorForm]):
    def get_initial(self) -> dict[str, object]:
        return {
            "collection": self.request.GET.get("collection"),
            "timezone": timezone.get_current_timezone_name(),
        }

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        has_collections = Collection.objects.for_workspace(self.request.workspace).exists()
        return super().get_context_data(**kwargs) | {"has_collections": has_collections}

    def form_valid(self, form: MonitorForm) -> HttpResponse:
        monitor = form.save(commit=False)
        monitor.created_by = self.request.user
        monitor.save()
        messages.success(self.request, f"{monitor} is set up. Its first run will start in a moment.")
        monitor.run_now()
        return redirect(monitor)


class EditMonitorView(EditMixin, MonitorFormPage, UpdateView[Monitor, MonitorForm]):
    def get_cancel_url(self) -> str:
        return resolve_url(self.object)

    def form_valid(self, form: MonitorForm) -> HttpResponse:
        monitor = form.save()
        if form.has_changed():
            monitor.announce("edited", by=self.request.user)
        messages.success(self.request, f"{monitor} is saved. The next run uses the changes.")
        return redirect(monitor)


class PreviewScheduleView(WorkspaceMixin):
    """The next runs of a schedule that is being typed."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        typed = (request.GET.get(name, "") for name in ("schedule", "cron", "timezone"))
        return render(
            request, "monitors/monitors/_schedule_preview.html", {"preview": SchedulePreview.of(*typed)}
        )
