"""One monitor."""

from django.conf import settings
from django.utils import timezone
from django.views.generic import DetailView

from monitors.models import MaintenanceWindow, Monitor, Run
from monitors.models.monitor_states import MonitorState
from monitors.models.runs import RunQuerySet
from workspaces.numbers import number_in
from workspaces.pages import WorkspaceMixin

RUNS_SHOWN = 20
RUNS_DRAWN = 90


class MonitorView(WorkspaceMixin, DetailView[Monitor]):
    queryset = Monitor.objects.select_related(
        "workspace", "collection", "environment", "created_by", "last_run"
    )
    template_name = "monitors/monitors/monitor.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        runs = Run.objects.for_workspace(self.request.workspace).filter(monitor=self.object)
        runs = runs.select_related("workspace")
        drawn = list(reversed(runs.finished()[:RUNS_DRAWN]))
        shown = self.shown(runs)
        windows = MaintenanceWindow.objects.active_by_monitor([self.object], timezone.now())
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
            "chart": [chart_point(run) for run in drawn],
            "several_regions": len(settings.REGIONS) > 1,
        }

    @property
    def only_failed(self) -> bool:
        return self.request.GET.get("result") == "failed"

    def shown(self, runs: RunQuerySet) -> list[Run]:
        """A page of runs, the newest first; `before` names the run under which it begins."""
        before = number_in(self.request.GET.get("before", ""))
        if before is not None:
            runs = runs.filter(pk__lt=before)
        if self.only_failed:
            runs = runs.failed()
        return list(runs[:RUNS_SHOWN])


def chart_point(run: Run) -> dict[str, object]:
    return {
        "at": run.finished_at.timestamp() if run.finished_at else None,
        "ms": run.response_time_ms,
        "failed": run.failed_tests + run.error_count,
        "result": run.result,
        "url": run.get_absolute_url(),
    }
