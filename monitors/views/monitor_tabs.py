"""The tabs of a monitor's page, besides its runs."""

from dataclasses import dataclass
from datetime import datetime

from monitors.figures import RequestFigures
from monitors.models import CollectionVersion, Monitor, Outage, RequestName
from monitors.models.outages import OutageQuerySet
from monitors.stats.ranges import TimeRange
from monitors.stats.requests import request_figures, with_known_buckets
from workspaces.editing import subject_of
from workspaces.models import Edit

TABS = {
    "runs": "Runs",
    "requests": "Requests",
    "outages": "Outages",
    "changes": "Changes",
    "details": "Details",
}
"""The names that URLs have, and what the tabs are called."""
OUTAGES_SHOWN = 50
CHANGES_SHOWN = 50


@dataclass(frozen=True)
class RequestRow:
    """One request of the collection in the range of the page."""

    name: RequestName
    figures: RequestFigures


def request_rows(monitor: Monitor, chosen: TimeRange) -> tuple[TimeRange, list[RequestRow]]:
    """The requests of a range, the slowest first, and the whole hours or days that it became."""
    rows = [RequestRow(name, figures) for name, figures in request_figures(monitor, chosen)]
    return with_known_buckets(chosen), rows


def outages_of(monitor: Monitor, chosen: TimeRange | None) -> OutageQuerySet:
    """The latest outages of a monitor, or those of a span that somebody chose."""
    outages = Outage.objects.filter(monitor=monitor).select_related("workspace", "monitor")
    if chosen is not None:
        outages = outages.lasting_after(chosen.since).begun_before(chosen.until)
    return outages.order_by("-started_at", "-pk")[:OUTAGES_SHOWN]


@dataclass(frozen=True)
class Change:
    """Something that somebody changed: the monitor, or its collection."""

    at: datetime
    by: str
    what: list[str]
    version: CollectionVersion | None = None


def changes_of(monitor: Monitor) -> list[Change]:
    """The latest changes, the newest first."""
    edits = Edit.objects.filter(subject=subject_of(monitor)).order_by("-pk")[:CHANGES_SHOWN]
    versions = monitor.collection.versions.defer("content").select_related("created_by")[:CHANGES_SHOWN]
    changes = [
        *(Change(edit.at, edit.by, list(edit.what)) for edit in edits),
        *(Change(version.created_at, str(version.created_by or ""), [], version) for version in versions),
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)[:CHANGES_SHOWN]
