"""The page of one monitor."""

from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.utils import timezone
from django.views.generic import DetailView

from monitors.charts.response_times import MAX_DEPLOYS, response_time_chart
from monitors.models import CollectionVersion, MaintenanceWindow, Monitor, RequestName, Result, Run
from monitors.models.monitor_states import MonitorState
from monitors.models.runs import RunQuerySet, RunType
from monitors.stats import MonitorStats, stats_of
from monitors.stats.days import first_midnight, uptime_by_day
from monitors.stats.ranges import NAMED
from monitors.stats.requests import request_series
from monitors.stats.series import FiguresReader
from monitors.stats.uptime import Watch, watch_of
from monitors.views.monitor_figures import MonitorFigures
from monitors.views.monitor_query import RESULTS, MonitorQuery
from monitors.views.monitor_runs import run_table
from monitors.views.monitor_tabs import TABS, changes_of, outages_of, request_rows
from workspaces.pages import WorkspaceMixin
from workspaces.templatetags.times import elapsed

BANDS = {MonitorState.FAILING: "soft-fail", MonitorState.LATE: "is-late", MonitorState.UP: "is-ok"}


class MonitorView(WorkspaceMixin, DetailView[Monitor]):
    """Is it failing, how good was it, when did it change?"""

    queryset = Monitor.objects.select_related(
        "workspace", "collection__latest", "environment", "created_by", "last_run"
    ).defer("collection__latest__content")
    template_name = "monitors/monitors/monitor.html"

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def query(self) -> MonitorQuery:
        return MonitorQuery(self.request.GET, self.now)

    @cached_property
    def runs(self) -> RunQuerySet:
        runs = Run.objects.for_workspace(self.request.workspace).filter(monitor=self.object)
        return runs.select_related("workspace")

    @cached_property
    def reader(self) -> FiguresReader:
        return FiguresReader(self.object)

    @cached_property
    def quarter(self) -> Watch:
        """The last ninety days."""
        since = first_midnight(self.now, timezone.get_current_timezone())
        return watch_of(self.object, since, self.now, self.now)

    @cached_property
    def request_names(self) -> list[RequestName]:
        """Of the requests that were counted."""
        return list(RequestName.objects.filter(monitor=self.object).order_by("name", "folder"))

    @cached_property
    def drawn_request(self) -> RequestName | None:
        """The request that the chart is about; None for whole runs."""
        key = self.query.drawn_request
        return next((name for name in self.request_names if name.key == key), None)

    @cached_property
    def stats(self) -> MonitorStats:
        """What the chart draws."""
        if self.drawn_request:
            chosen, series = request_series(self.object, self.drawn_request.key, self.query.range)
        else:
            chosen, series = self.reader.series(self.query.range)
        watch = self.quarter
        if chosen.since < watch.span.start:
            watch = watch_of(self.object, chosen.since, chosen.until, self.now)
        return stats_of(self.object, chosen, series, watch)

    @property
    def tab(self) -> str:
        chosen = self.request.GET.get("tab", "")
        return chosen if chosen in TABS else "runs"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        zone = timezone.get_current_timezone()
        return (
            super().get_context_data(**kwargs)
            | self.head_context()
            | {
                "query": self.query,
                "ranges": list(NAMED),
                "figures": MonitorFigures(self.object, self.reader, self.quarter, self.now),
                "stats": self.stats,
                "chart": response_time_chart(self.stats, self.versions, zone),
                "versions": self.versions,
                "drawn_request": self.drawn_request,
                "request_names": self.request_names,
                "shows_table": "table" in self.request.GET,
                "quarter": self.quarter,
                "days": uptime_by_day(self.quarter, zone),
                "today": timezone.localdate(self.now),
                "tabs": TABS,
                "tab": self.tab,
            }
            | self.tab_context()
        )

    def head_context(self) -> dict[str, object]:
        """What the sentence, the state and the details tell."""
        monitor = self.object
        windows = MaintenanceWindow.objects.active_by_monitor([monitor], self.now)
        is_waiting = monitor.state == MonitorState.WAITING
        return {
            "band": BANDS.get(monitor.state, "is-plain"),
            "late_regions": [] if monitor.is_paused else monitor.late_regions,
            "window": windows.get(monitor.pk),
            "runs": self.runs[:1] if is_waiting else [],
            "under_way": self.runs.unfinished().first() if is_waiting else None,
            "last_failed": self.runs.failed().first() if monitor.failing_since else None,
            "failing_regions": [
                region
                for region in monitor.regions
                if monitor.latest_results.get(region, Result.SUCCESSFUL) != Result.SUCCESSFUL
            ],
            "failing_words": f"Failing for {elapsed(monitor.failing_since)}" if monitor.failing_since else "",
            "open_outage": next((one for one in self.quarter.outages if one.ended_at is None), None),
            "several_regions": len(settings.REGIONS) > 1,
        }

    @cached_property
    def versions(self) -> list[CollectionVersion]:
        """The versions of the collection that were added in the range."""
        chosen = self.stats.range
        versions = self.object.collection.versions.defer("content")
        return list(versions.filter(created_at__gte=chosen.since, created_at__lt=chosen.until)[:MAX_DEPLOYS])

    def tab_context(self) -> dict[str, object]:
        monitor = self.object
        match self.tab:
            case "requests":
                shown, rows = request_rows(monitor, self.query.range)
                return {"shown_range": shown, "request_rows": rows}
            case "outages":
                return {"outages": outages_of(monitor, self.query.chosen_span)}
            case "changes":
                return {"changes": changes_of(monitor)}
            case "details":
                return {"system_errors": self.runs.system_errors_of_last_day().count()}
        return {
            "table": run_table(monitor, self.runs, self.query, self.reader, self.quarter),
            "results": RESULTS,
            "types": RunType.choices,
        }
