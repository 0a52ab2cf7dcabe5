"""Adding, copying and editing a monitor."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.views.generic import CreateView, UpdateView

from monitors import schedules
from monitors.duplicating import copy_of
from monitors.forms.monitors import MonitorForm, suggested_name
from monitors.models import Collection, Monitor
from monitors.previews import MonitorPreview
from monitors.views.parts import PreviewButtonMixin
from workspaces.pages import FormPage, WorkspaceMixin
from workspaces.views.editing import EditMixin


class MonitorFormPage(WorkspaceMixin, PreviewButtonMixin, FormPage[MonitorForm]):
    """What adding and editing share."""

    model = Monitor
    parent = "monitors:monitors"
    form_class = MonitorForm
    template_name = "monitors/monitors/form.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        assert isinstance(form, MonitorForm)
        return context | {
            "preview": MonitorPreview.of(form),
            "preview_url": self.get_preview_url(),
            "watched": form.instance,
            "time_zones": schedules.time_zones(),
        }

    def get_preview_url(self) -> str:
        return reverse("monitors:preview-monitor", args=[self.request.workspace.slug])


class AddMonitorView(MonitorFormPage, CreateView[Monitor, MonitorForm]):
    """With `copy` in the URL's query, the form begins with the settings of that monitor."""

    def get_form_kwargs(self) -> dict[str, object]:
        original = self.get_original()
        return super().get_form_kwargs() | ({"instance": copy_of(original)} if original else {})

    def get_original(self) -> Monitor | None:
        """Raises Http404 when the monitor to copy does not exist."""
        if "copy" not in self.request.GET:
            return None
        monitors = Monitor.objects.for_workspace(self.request.workspace)
        return get_object_or_404(monitors, pk=uuid_in(self.request.GET["copy"]))

    def get_initial(self) -> dict[str, object]:
        if "copy" in self.request.GET:
            return {}
        collections = Collection.objects.for_workspace(self.request.workspace)
        named = uuid_in(self.request.GET.get("collection", ""))
        chosen = collections.filter(pk=named).first() if named else None
        name = suggested_name(chosen, None) if chosen else ""
        return {"collection": chosen, "name": name, "timezone": timezone.get_current_timezone_name()}

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

    def get_preview_url(self) -> str:
        return reverse("monitors:preview-edited-monitor", args=[self.request.workspace.slug, self.object.pk])

    def form_valid(self, form: MonitorForm) -> HttpResponse:
        monitor = form.save()
        if form.has_changed():
            monitor.announce("edited", by=self.request.user)
        messages.success(self.request, f"{monitor} is saved. The next run uses the changes.")
        return redirect(monitor)


class PreviewMonitorView(WorkspaceMixin):
    """What a monitor will do, while its form is being filled in."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str, pk: uuid.UUID | None = None) -> HttpResponse:
        monitors = Monitor.objects.for_workspace(self.request.workspace)
        monitor = get_object_or_404(monitors, pk=pk) if pk else None
        form = MonitorForm(request.POST, instance=monitor, workspace=self.request.workspace)
        context = {
            "form": form,
            "preview": MonitorPreview.of(form),
            "watched": form.instance,
            "workspace": self.request.workspace,
        }
        return render(request, "monitors/monitors/_preview.html", context)


def uuid_in(text: str) -> uuid.UUID | None:
    """The id in a URL's query; None for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
