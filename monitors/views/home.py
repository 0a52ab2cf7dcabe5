"""What is broken now, and everything else second: the wall of a workspace."""

import uuid
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from monitors import lateness
from monitors.health import health_of
from monitors.models import Collection, MaintenanceWindow, Monitor, Outage, Run
from monitors.models.monitor_states import MonitorState
from monitors.templatetags.pulse import MAX_OUTAGES, SPAN
from monitors.views.lately import changes_of
from monitors.views.rows import monitor_rows
from monitors.views.wall import Wall, in_words, wall_of
from workspaces.pages import WorkspaceMixin

MAX_CARDS = 6
MAX_WINDOWS = 3
"""So many active maintenance windows are named."""


class HomeView(WorkspaceMixin, TemplateView):
    template_name = "monitors/home/home.html"

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.remember_workspace()
        workspace = self.request.workspace
        monitors = Monitor.objects.for_workspace(workspace)
        late = lateness.late_in_workspace(workspace, self.now)
        tag = self.request.GET.get("tag", "").strip().lower()
        wall = wall_of(monitors, late, tag)
        outages = self.outages(wall, late) if wall.counts[MonitorState.FAILING] else []
        windows = MaintenanceWindow.objects.for_workspace(workspace).active(self.now)
        named = list(windows.select_related("workspace")[: MAX_WINDOWS + 1])
        return super().get_context_data(**kwargs) | {
            "wall": wall,
            "tag": tag,
            "is_wall": "wall" in self.request.GET,
            "failing": wall.counts[MonitorState.FAILING],
            "late": wall.counts[MonitorState.LATE],
            "up": wall.counts[MonitorState.UP],
            "rest": in_words(wall.counts, [MonitorState.LATE, MonitorState.WAITING, MonitorState.PAUSED]),
            "late_regions": lateness.regions_of(late, self.now),
            "outages": outages,
            "longest": outages[0].started_at if outages else None,
            "now": self.now,
            "outages_of_day": self.outages_of_day(),
            "changes": changes_of(workspace),
            "health": health_of(workspace, self.now),
            "windows": named[:MAX_WINDOWS],
            "has_more_windows": len(named) > MAX_WINDOWS,
            "system_errors": Run.objects.for_workspace(workspace).system_errors_of_last_day().count(),
            "collection": Collection.objects.for_workspace(workspace).first(),
        }

    def outages(self, wall: Wall, late: AbstractSet[uuid.UUID]) -> list[Outage]:
        """The open outages of monitors that are not late, the longest first, each with its `row`."""
        monitors = Monitor.objects.for_workspace(self.request.workspace)
        failing = monitors.in_state(MonitorState.FAILING, late)
        found = Outage.objects.open().filter(monitor__in=failing).order_by("started_at")
        found = found.select_related("workspace", "monitor__workspace", "last_run__workspace")[:MAX_CARDS]
        outages: list[Any] = list(found)
        rows = {tile.row.monitor.pk: tile.row for group in wall.groups for tile in group.tiles}
        missing = [outage.monitor for outage in outages if outage.monitor_id not in rows]
        rows |= {row.monitor.pk: row for row in (monitor_rows(missing, {}) if missing else [])}
        for outage in outages:
            outage.row = rows[outage.monitor_id]
        return outages

    def outages_of_day(self) -> QuerySet[Outage]:
        outages = Outage.objects.for_workspace(self.request.workspace).lasting_after(self.now - SPAN)
        return outages.select_related("monitor")[: MAX_OUTAGES + 1]

    def remember_workspace(self) -> None:
        """The next sign-in leads back here."""
        user = self.request.user
        if user.last_workspace_id != self.request.workspace.pk:
            user.last_workspace = self.request.workspace
            user.save(update_fields=["last_workspace"])
