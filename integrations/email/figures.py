"""The figures of a summary."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, Q

from integrations.models import Integration
from monitors.models import Monitor, Result, Run


@dataclass(frozen=True)
class Row:
    monitor: Monitor
    runs: int
    failed: int
    response_time_ms: int | None


def figures(integration: Integration, start: datetime, end: datetime) -> list[Row]:
    """A row a monitor that the integration watches, those with failures first."""
    monitors = Monitor.objects.filter(workspace=integration.workspace_id).select_related("workspace")
    if integration.monitor_id:
        monitors = monitors.filter(pk=integration.monitor_id)
    by_monitor = {
        row["monitor"]: row
        for row in Run.objects.filter(monitor__in=monitors, finished_at__gte=start, finished_at__lt=end)
        .exclude(result=Result.SYSTEM_ERROR)
        .values("monitor")
        .annotate(
            count=Count("pk"),
            failed=Count("pk", filter=~Q(result=Result.SUCCESSFUL)),
            response_time=Avg("response_time_ms"),
        )
        .order_by()
    }
    rows = [row_of(monitor, by_monitor.get(monitor.pk)) for monitor in monitors]
    return sorted(rows, key=lambda row: (-row.failed, row.monitor.name))


def row_of(monitor: Monitor, figures: Any) -> Row:
    if figures is None:
        return Row(monitor, 0, 0, None)
    return Row(monitor, figures["count"], figures["failed"], round(figures["response_time"]))
