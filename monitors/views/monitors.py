"""The list of monitors, and one monitor."""

from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import DetailView, ListView

from monitors import lateness, maintenance
from monitors.lateness import LateRegions
from monitors.models import Monitor, Run
from monitors.models.monitors import MonitorState
from monitors.views.rows import monitor_rows
from workspaces.numbers import number_in
from workspaces.pages import WorkspaceMixin

ORDERS: dict[str, list[Any]] = {
    "name": ["name"],
    "-name": ["-name"],
    "last": [F("last_run__finished_at").asc(nulls_last=True), "name"],
    "-last": [F("last_run__finished_at").desc(nulls_last=True), "name"],
    "state": [F("paused_at").asc(nulls_first=True), F("failing_since").desc(nulls_last=True), "name"],
}
RUNS_SHOWN = 20
RUNS_DRAWN = 90


class MonitorList(WorkspaceMixin, ListView):
    model = Monitor
    template_name = "monitors/monitor_list.html"
    paginate_by = 25

    def get_queryset(self) -> QuerySet[Monitor]:
        monitors = self.found()
        if self.state:
            monitors = monitors.in_state(self.state, self.late.keys())
        return monitors.select_related("workspace", "collection", "last_run").order_by(*ORDERS[self.order])

    def found(self) -> Any:
        monitors = Monitor.objects.for_workspace(self.request.workspace)
        if tag := self.request.GET.get("tag", ""):
            monitors = monitors.tagged(tag)
        words = self.request.GET.get("q", "").strip()
        return (
            monitors.filter(Q(name__icontains=words) | Q(collection__name__icontains=words))
            if words
            else monitors
        )

    @cached_property
    def late(self) -> LateRegions:
        return lateness.late_in_workspace(self.request.workspace, timezone.now())

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
        counts = self.found().count_by_state(self.late.keys())
        return context | {
            "rows": monitor_rows(context["object_list"], self.late),
            "states": [(state, counts[state]) for state in MonitorState],
            "total": sum(counts.values()),
            "state": self.state,
            "order": self.order,
            "tag": self.request.GET.get("tag", ""),
            "query": self.request.GET.get("q", ""),
        }


class MonitorPage(WorkspaceMixin, DetailView):
    model = Monitor
    template_name = "monitors/monitor.html"

    def get_queryset(self) -> QuerySet[Monitor]:
        related = ("workspace", "collection", "environment", "created_by", "last_run")
        return Monitor.objects.for_workspace(self.request.workspace).select_related(*related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        runs = Run.objects.for_workspace(self.request.workspace).filter(monitor=self.object)
        runs = runs.select_related("workspace")
        drawn = list(reversed(runs.finished()[:RUNS_DRAWN]))
        shown = self.shown(runs)
        windows = maintenance.active_windows([self.object], timezone.now())
        return super().get_context_data(**kwargs) | {
            "late_regions": [] if self.object.is_paused else self.object.late_regions,
            "window": windows.get(self.object.pk),
            "runs": shown,
            "older": shown[-1].pk if len(shown) == RUNS_SHOWN else None,
            "only_failed": self.only_failed,
            "older_than": self.request.GET.get("before"),
            "under_way": runs.unfinished().first() if self.object.state == MonitorState.WAITING else None,
            "last_failed": runs.failed().first() if self.object.failing_since else None,
            "system_errors": runs.system_errors_of_last_day().count(),
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
        before = number_in(self.request.GET.get("before", ""))
        if before is not None:
            runs = runs.filter(pk__lt=before)
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
