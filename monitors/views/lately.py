"""What changed lately in a workspace: outages, imported versions of collections, and what people edited.

Each source is asked for a few rows, however much happened.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from monitors.models import Collection, Environment, Monitor, Outage
from monitors.models.outages import EndedBecause
from workspaces.durations import in_words
from workspaces.editing import subject_of
from workspaces.models import Edit, Workspace

MAX_CHANGES = 8
MAX_AGE = timedelta(days=14)

END_IN_WORDS = {
    EndedBecause.RECOVERED: "recovered",
    EndedBecause.BY_HAND: "was resolved by hand",
    EndedBecause.MONITOR_PAUSED: "was paused",
    EndedBecause.MONITOR_DELETED: "was deleted",
}


@dataclass(frozen=True)
class Change:
    at: datetime
    name: str
    """What changed."""
    url: str
    words: str
    """Follow the name: "recovered after 18 min"."""


def changes_of(workspace: Workspace) -> list[Change]:
    """The latest changes, the newest first."""
    since = timezone.now() - MAX_AGE
    found = [*_outages(workspace, since), *_versions(workspace, since), *_edits(workspace, since)]
    return sorted(found, key=lambda change: change.at, reverse=True)[:MAX_CHANGES]


def _outages(workspace: Workspace, since: datetime) -> Iterator[Change]:
    outages = Outage.objects.for_workspace(workspace).lasting_after(since)
    for outage in outages.select_related("workspace", "monitor")[: 2 * MAX_CHANGES]:
        url = outage.get_absolute_url()
        yield Change(outage.started_at, outage.name, url, "began to fail")
        if outage.ended_at:
            lasted = in_words(outage.duration.total_seconds(), units=1)
            words = END_IN_WORDS[EndedBecause(outage.ended_because)]
            yield Change(outage.ended_at, outage.name, url, f"{words} after {lasted}")


def _versions(workspace: Workspace, since: datetime) -> Iterator[Change]:
    collections = Collection.objects.for_workspace(workspace).filter(latest__created_at__gte=since)
    collections = collections.select_related("workspace", "latest__created_by").order_by("-latest")
    for collection in collections.defer("latest__content")[:MAX_CHANGES]:
        version = collection.latest
        assert version
        by = f", imported by {version.created_by}" if version.created_by else ""
        words = f"has version {version.number}{by}"
        yield Change(version.created_at, collection.name, collection.get_absolute_url(), words)


def _edits(workspace: Workspace, since: datetime) -> Iterator[Change]:
    edits = list(Edit.objects.filter(workspace=workspace, at__gte=since).order_by("-at")[:MAX_CHANGES])
    rows = {**_edited(Monitor, workspace, edits), **_edited(Environment, workspace, edits)}
    for edit in edits:
        if row := rows.get(edit.subject):
            words = f"was changed by {edit.by}: {', '.join(edit.what)}"
            yield Change(edit.at, row.name, row.get_absolute_url(), words)


def _edited(
    model: type[Monitor] | type[Environment], workspace: Workspace, edits: Iterable[Edit]
) -> Mapping[str, Monitor | Environment]:
    """The rows of a model that were edited, by the edits' subject."""
    subjects = (edit.subject.split(" ") for edit in edits)
    pks = {pk for label, pk in subjects if label == model._meta.label_lower}
    if not pks:
        return {}
    rows = model.objects.for_workspace(workspace).filter(pk__in=pks).select_related("workspace")
    return {subject_of(row): row for row in rows}
