"""The run statistics in a summary mail."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, Q

from integrations.models import Integration
from monitors.models import Monitor, Result, Run
from monitors.models.runs import NO_VERDICTS


@dataclass(frozen=True)
class MonitorStats:
    """One monitor's runs in a period. System errors and canceled runs are not counted."""

    monitor: Monitor
    runs: int = 0
    failed: int = 0
    response_time_ms: int | None = None
    """The average over the runs; None if there were none."""


def monitor_stats(integration: Integration, start: datetime, end: datetime) -> list[MonitorStats]:
    """The statistics of each monitor that the integration watches, those with most failures first."""
    monitors = Monitor.objects.filter(workspace=integration.workspace_id).select_related("workspace")
    if integration.monitor_id:
        monitors = monitors.filter(pk=integration.monitor_id)
    rows = (
        Run.objects.filter(monitor__in=monitors, finished_at__gte=start, finished_at__lt=end)
        .exclude(result__in=NO_VERDICTS)
        .order_by()
        .values_list("monitor")
        .annotate(
            runs=Count("pk"),
            failed=Count("pk", filter=~Q(result=Result.SUCCESSFUL)),
            response_time=Avg("response_time_ms"),
        )
    )
    counts = {pk: (runs, failed, round(average)) for pk, runs, failed, average in rows}
    stats = [MonitorStats(monitor, *counts.get(monitor.pk, ())) for monitor in monitors]
    return sorted(stats, key=lambda each: (-each.failed, each.monitor.name))
