"""What is broken now, and everything else second."""

from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.views.generic import TemplateView

from monitors import lateness
from monitors.models import Collection, MaintenanceWindow, Monitor, Run
from monitors.models.monitor_states import MonitorState
from monitors.models.region_statuses import LateRegions
from monitors.views.rows import monitor_rows
from workspaces.pages import WorkspaceMixin

SHOWN = 20


class HomeView(WorkspaceMixin, TemplateView):
    template_name = "monitors/home.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.remember_workspace()
        workspace, now = self.request.workspace, timezone.now()
        monitors = Monitor.objects.for_workspace(workspace)
        monitors = monitors.select_related("workspace", "collection", "last_run")
        windows = MaintenanceWindow.objects.for_workspace(workspace).active(now)
        late = lateness.late_in_workspace(workspace, now)
        counts = monitors.count_by_state(late.keys())
        return super().get_context_data(**kwargs) | {
            "late_regions": lateness.by_region(late),
            "broken": self.broken(late),
            "windows": windows.select_related("workspace"),
            "counts": counts,
            "total": sum(counts.values()),
            "system_errors": Run.objects.for_workspace(workspace).system_errors_of_last_day().count(),
            "rows": monitor_rows(
                monitors.order_by(F("failing_since").desc(nulls_last=True), "name")[:SHOWN], late
            ),
            "collection": Collection.objects.for_workspace(workspace).first(),
            "first_monitor": monitors.first(),
        }

    def broken(self, late: LateRegions) -> list[tuple[Monitor, Run | None, MaintenanceWindow | None]]:
        """The monitors that fail, the latest first, each with its last failed run and maintenance window."""
        last_failed = Run.objects.filter(monitor=OuterRef("pk")).failed().order_by("-id").values("pk")[:1]
        monitors = Monitor.objects.for_workspace(self.request.workspace).select_related("workspace")
        monitors = monitors.in_state(MonitorState.FAILING, late.keys()).order_by("-failing_since")
        failing: list[Any] = list(monitors.annotate(last_failed=Subquery(last_failed))[:SHOWN])
        runs = Run.objects.for_workspace(self.request.workspace).select_related("workspace")
        last_runs = runs.in_bulk([monitor.last_failed for monitor in failing])
        windows = MaintenanceWindow.objects.active_by_monitor(failing, timezone.now())
        return [(monitor, last_runs.get(monitor.last_failed), windows.get(monitor.pk)) for monitor in failing]

    def remember_workspace(self) -> None:
        """The next sign-in leads back here."""
        user = self.request.user
        if user.last_workspace_id != self.request.workspace.pk:
            user.last_workspace = self.request.workspace
            user.save(update_fields=["last_workspace"])
