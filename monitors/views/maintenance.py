"""Maintenance windows: the list, and the form with what will happen."""

import uuid

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.generic import CreateView, ListView, UpdateView

from monitors import maintenance, schedules
from monitors.forms.maintenance import MaintenanceWindowForm
from monitors.models import MaintenanceWindow, Monitor
from monitors.models.maintenance import MaintenanceWindowQuerySet, Scope
from monitors.views.parts import PreviewButtonMixin
from monitors.window_previews import WindowPreview
from workspaces.pages import DeletePage, FormPage, WorkspaceMixin
from workspaces.views.editing import EditMixin

SHOWN = 100
PAST_SHOWN = 20
MONITORS_NAMED = 3
"""So many of the monitors that were chosen for a window are named."""


class MaintenanceMixin(WorkspaceMixin):
    parent = "monitors:maintenance"

    def get_queryset(self) -> MaintenanceWindowQuerySet:
        windows = MaintenanceWindow.objects.for_workspace(self.request.workspace)
        return windows.select_related("workspace").prefetch_related("monitors")


class MaintenanceListView(MaintenanceMixin, ListView[MaintenanceWindow]):
    template_name = "monitors/maintenance/list.html"

    def get_queryset(self) -> MaintenanceWindowQuerySet:
        named = Monitor.objects.order_by("name")[:MONITORS_NAMED]
        windows = MaintenanceWindow.objects.for_workspace(self.request.workspace).select_related("workspace")
        counted = windows.annotate(monitor_count=Count("monitors", filter=Q(monitors__deleted_at=None)))
        return counted.prefetch_related(Prefetch("monitors", named, to_attr="first_monitors"))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        now, windows = timezone.now(), self.get_queryset()
        return super().get_context_data(**kwargs) | {
            "has_windows": windows.exists(),
            "shown": SHOWN,
            "active": windows.active(now).order_by("ends_at")[:SHOWN],
            "upcoming": windows.upcoming(now).order_by("starts_at")[:SHOWN],
            "past": windows.past(now).order_by("-ends_at")[:PAST_SHOWN],
            "known_tags": Monitor.objects.for_workspace(self.request.workspace).tags(),
        }


class WindowFormPage(MaintenanceMixin, PreviewButtonMixin, FormPage[MaintenanceWindowForm]):
    model = MaintenanceWindow
    form_class = MaintenanceWindowForm
    template_name = "monitors/maintenance/form.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        assert isinstance(form, MaintenanceWindowForm)
        preview = WindowPreview.of(form)
        return context | {"preview": preview, "time_zones": schedules.time_zones()}

    def form_valid(self, form: MaintenanceWindowForm) -> HttpResponse:
        window = form.save()
        messages.success(self.request, f"{window} is planned.")
        if maintenance.covers_no_monitor(window):
            words = f"No monitor has the tag “{window.tag}” now: until one does, {window} covers nothing."
            messages.warning(self.request, words)
        return redirect(self.get_success_url())


class AddWindowView(WindowFormPage, CreateView[MaintenanceWindow, MaintenanceWindowForm]):
    def get_initial(self) -> dict[str, object]:
        initial: dict[str, object] = {"timezone": timezone.get_current_timezone_name()}
        if chosen := self.request.GET.getlist("monitor"):
            initial |= {"scope": Scope.MONITORS, "monitors": chosen}
        return initial


class EditWindowView(EditMixin, WindowFormPage, UpdateView[MaintenanceWindow, MaintenanceWindowForm]):
    pass


class PreviewWindowView(WorkspaceMixin):
    """What a window will do, while its form is being filled in."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        form = MaintenanceWindowForm(request.POST, workspace=self.request.workspace)
        return render(request, "monitors/maintenance/_preview.html", {"preview": WindowPreview.of(form)})


class EndWindowView(MaintenanceMixin):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
        window = get_object_or_404(self.get_queryset(), pk=pk)
        maintenance.end_now(window)
        messages.success(request, f"{window} is over. Monitors that still fail run now.")
        return redirect(self.parent, slug)


class DeleteWindowView(MaintenanceMixin, DeletePage[MaintenanceWindow]):
    extra_context = {
        "kind": "maintenance window",
        "loss": "If it is active, it ends: monitors that still fail run at once and page.",
    }

    def act(self) -> str:
        maintenance.remove(self.object)
        return f"{self.object} is deleted."
