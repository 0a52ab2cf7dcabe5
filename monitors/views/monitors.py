"""The list of monitors, one monitor, and what can be done with it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import CreateView, DetailView, ListView, UpdateView, View
from django.views.generic.base import TemplateResponseMixin
from django.views.generic.edit import ModelFormMixin

from monitors.forms import MonitorForm, SchedulePreview
from monitors.models import Collection, Monitor, Run
from monitors.models.monitors import MonitorState
from monitors.signals import changed
from monitors.views.rows import monitor_rows
from workspaces.models import Role
from workspaces.tenancy import WorkspaceMixin

ORDERS: dict[str, list[Any]] = {
    "name": ["name"],
    "-name": ["-name"],
    "last": [F("last_run__finished_at").asc(nulls_last=True), "name"],
    "-last": [F("last_run__finished_at").desc(nulls_last=True), "name"],
    "state": [F("paused_at").asc(nulls_first=True), F("failing_since").desc(nulls_last=True), "name"],
}
RUNS_SHOWN = 20
RUNS_DRAWN = 90
MANY_RUNS = 1000
"""Deleting a monitor with more asks for its name."""


class MonitorList(WorkspaceMixin, ListView):
    model = Monitor
    template_name = "monitors/monitor_list.html"
    paginate_by = 25

    def get_queryset(self) -> QuerySet[Monitor]:
        monitors = self.found()
        if self.state:
            monitors = monitors.in_state(self.state)
        return monitors.select_related("workspace", "collection", "last_run").order_by(*ORDERS[self.order])

    def found(self) -> Any:
        monitors = self.scoped(Monitor)
        words = self.request.GET.get("q", "").strip()
        return (
            monitors.filter(Q(name__icontains=words) | Q(collection__name__icontains=words))
            if words
            else monitors
        )

    @property
    def state(self) -> MonitorState | None:
        chosen = self.request.GET.get("state", "")
        return MonitorState(chosen) if chosen in MonitorState.values else None

    @property
    def order(self) -> str:
        chosen = self.request.GET.get("sort", "")
        return chosen if chosen in ORDERS else "name"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        counts = self.found().count_by_state()
        return context | {
            "rows": monitor_rows(context["object_list"]),
            "states": [(state, counts[state]) for state in MonitorState],
            "total": sum(counts.values()),
            "state": self.state,
            "order": self.order,
            "query": self.request.GET.get("q", ""),
        }


class MonitorPage(WorkspaceMixin, DetailView):
    model = Monitor
    template_name = "monitors/monitor.html"

    def get_queryset(self) -> QuerySet[Monitor]:
        related = ("workspace", "collection", "environment", "created_by", "last_run")
        return self.scoped(Monitor).select_related(*related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = self.scoped(Run).filter(monitor=self.object).select_related("workspace")
        drawn = list(reversed(runs.finished()[:RUNS_DRAWN]))
        shown = self.shown(runs)
        return super().get_context_data(**kwargs) | {
            "runs": shown,
            "older": shown[-1].pk if len(shown) == RUNS_SHOWN else None,
            "only_failed": self.only_failed,
            "older_than": self.request.GET.get("before"),
            "last_failed": runs.failed().first() if self.object.state == MonitorState.FAILING else None,
            "drawn": drawn,
            "slowest_ms": max((run.response_time_ms for run in drawn), default=0),
            "chart": [chart_point(run) for run in drawn],
            "several_regions": len(settings.REGIONS) > 1,
        }

    @property
    def only_failed(self) -> bool:
        return self.request.GET.get("result") == "failed"

    def shown(self, runs: Any) -> list[Run]:
        """A page of runs, the newest first; `before` names the run under which it begins."""
        before = self.request.GET.get("before", "")
        if before.isdecimal():
            runs = runs.filter(pk__lt=min(int(before), 2**63 - 1))
        if self.only_failed:
            runs = runs.failed()
        return list(runs[:RUNS_SHOWN])


def chart_point(run: Run) -> dict[str, Any]:
    return {
        "at": run.finished_at.timestamp() if run.finished_at else None,
        "ms": run.response_time_ms,
        "failed": run.failed_tests + run.error_count,
        "result": run.result,
        "url": run.get_absolute_url(),
    }


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
        return super().get_context_data(**kwargs) | {"has_collections": self.scoped(Collection).exists()}

    def form_valid(self, form: Any) -> HttpResponse:
        monitor = form.save(commit=False)
        monitor.created_by = self.request.user
        monitor.save()
        messages.success(self.request, f"{monitor} is set up. Its first run is on its way.")
        monitor.run_now()
        return redirect(monitor)


class EditMonitor(MonitorFormPage, UpdateView):
    def form_valid(self, form: Any) -> HttpResponse:
        monitor = form.save()
        changed.send(sender=Monitor, subject=monitor, what="edited", by=str(self.request.user))
        messages.success(self.request, f"{monitor} is saved. The next run goes by it.")
        return redirect(monitor)


class PreviewSchedule(WorkspaceMixin, View):
    """The next runs of a schedule that is being typed."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        typed = (request.GET.get(name, "") for name in ("schedule", "cron", "timezone"))
        return render(request, "monitors/_schedule_preview.html", {"preview": SchedulePreview.of(*typed)})


class MonitorAction(WorkspaceMixin, View):
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
        runs = monitor.run_now()
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
        monitor.pause(outage_is_over=request.POST.get("outage") != "lasts")
        changed.send(sender=Monitor, subject=monitor, what="paused", by=str(request.user))
        messages.success(request, f"{monitor} is paused: it does not run until you resume it.")
        return redirect(monitor)


class ResumeMonitor(MonitorAction):
    def act(self, monitor: Monitor) -> None:
        monitor.resume()
        changed.send(sender=Monitor, subject=monitor, what="resumed", by=str(self.request.user))
        messages.success(self.request, f"{monitor} runs again by its schedule.")


class DeleteMonitor(WorkspaceMixin, DetailView):
    """Asks first, and for the name when many runs would go."""

    model = Monitor
    template_name = "monitors/delete_monitor.html"
    required_role_to_read = Role.EDITOR

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = self.scoped(Run).filter(monitor=self.object).count()
        return super().get_context_data(**kwargs) | {
            "run_count": count,
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
