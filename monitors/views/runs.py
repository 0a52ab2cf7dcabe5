"""One run."""

from datetime import timedelta

from django.views.generic import DetailView

from monitors.models import Run
from monitors.models.runs import RunStatus
from workspaces.pages import WorkspaceMixin

LEVELS = ("stage", "debug", "log", "info", "warn", "error", "failed")
"""Of a console's lines, in the order in which the page offers them as filters."""


class RunView(WorkspaceMixin, DetailView[Run]):
    queryset = Run.objects.select_related(
        "workspace", "monitor__workspace", "collection_version", "stored_detail"
    )
    template_name = "monitors/runs/run.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        run = self.object
        lines = console_lines(run)
        siblings = Run.objects.for_workspace(self.request.workspace).filter(monitor=run.monitor_id)
        siblings = siblings.select_related("workspace")
        return super().get_context_data(**kwargs) | {
            "running": run.status != RunStatus.FINISHED,
            "requests": run.detail.requests,
            "lines": lines,
            "levels": [level for level in LEVELS if any(line["level"] == level for line in lines)],
            "older": siblings.filter(pk__lt=run.pk).first(),
            "newer": siblings.filter(pk__gt=run.pk).order_by("pk").first(),
        }


def console_lines(run: Run) -> list[dict[str, object]]:
    started_at = run.started_at or run.queued_at
    return [
        {"at": started_at + timedelta(milliseconds=line.at_ms), "level": line.level, "text": line.text}
        for line in run.detail.console
    ]
