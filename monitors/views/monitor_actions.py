"""What can be done with a monitor."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.generic import DetailView
from django.views.generic.detail import SingleObjectMixin

from monitors.manual_runs import TooManyRuns, run_now
from monitors.models import Monitor, Run
from monitors.signals import changed
from workspaces.models import Role
from workspaces.pages import WorkspaceMixin

MANY_RUNS = 1000
"""Deleting a monitor with more asks for its name."""


class MonitorAction(WorkspaceMixin, SingleObjectMixin[Monitor]):
    """A button on a monitor's page: a POST that changes something and leads back."""

    http_method_names = ("post",)
    model = Monitor

    def post(self, request: HttpRequest, slug: str, pk: Any) -> HttpResponse:
        monitor = get_object_or_404(self.get_queryset().select_related("workspace"), pk=pk)
        return redirect(self.act(monitor) or monitor)

    def act(self, monitor: Monitor) -> Run | None:
        """Does it. Returns where to go, when that is not the monitor."""
        raise NotImplementedError


class RunNow(MonitorAction):
    def act(self, monitor: Monitor) -> Run | None:
        try:
            runs = run_now(monitor)
        except TooManyRuns as problem:
            messages.error(self.request, str(problem))
            return None
        return runs[0] if len(runs) == 1 else None


class PauseMonitor(WorkspaceMixin, DetailView):
    """Asks, while the monitor fails, what becomes of the outage: no run will tell when it ends."""

    model = Monitor
    template_name = "monitors/pause_monitor.html"
    required_role_to_read = Role.EDITOR

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": self.object.get_absolute_url()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        monitor = self.get_object()
        if monitor.pause(outage_is_over=request.POST.get("outage") != "lasts"):
            changed.send(sender=Monitor, subject=monitor, what="paused", by=str(request.user))
        messages.success(request, f"{monitor} is paused: it does not run until you resume it.")
        return redirect(monitor)


class ResumeMonitor(MonitorAction):
    def act(self, monitor: Monitor) -> None:
        if monitor.resume():
            changed.send(sender=Monitor, subject=monitor, what="resumed", by=str(self.request.user))
        messages.success(self.request, f"{monitor} runs again by its schedule.")


class DeleteMonitor(WorkspaceMixin, DetailView):
    """Asks first, and for the name when many runs would go."""

    model = Monitor
    template_name = "monitors/delete_monitor.html"
    required_role_to_read = Role.EDITOR

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # To count a million would take longer than to delete them.
        runs = Run.objects.for_workspace(self.request.workspace).filter(monitor=self.object)
        count = runs[: MANY_RUNS + 1].count()
        return super().get_context_data(**kwargs) | {
            "run_count": min(count, MANY_RUNS),
            "ask_for_name": count > MANY_RUNS,
            "cancel_url": self.object.get_absolute_url(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        context = self.get_context_data()
        if context["ask_for_name"] and request.POST.get("name", "").strip() != self.object.name:
            return render(request, self.template_name, context | {"wrong_name": True}, status=422)
        self.object.delete()
        messages.success(request, f"{self.object.name} and its runs are deleted.")
        return redirect(reverse("monitors:monitors", args=[self.request.workspace.slug]))
