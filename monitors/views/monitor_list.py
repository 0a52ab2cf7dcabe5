"""The list of monitors."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, F, OrderBy, OuterRef
from django.http import QueryDict
from django.utils import timezone

from monitors import lateness
from monitors.filters import MonitorFilter
from monitors.models import Collection, Environment, Monitor
from monitors.models.monitor_states import MonitorState
from monitors.muting import MuteFor
from monitors.views.rows import MonitorRow, monitor_rows
from workspaces.pages import ListPage, WorkspaceMixin

# Ids of runs grow with time, and need no look at the runs.
LAST, TIME = F("last_run_id"), F("last_run__response_time_ms")
ORDERS: dict[str, list[str | OrderBy]] = {
    "name": ["name"],
    "-name": ["-name"],
    "last": [LAST.asc(nulls_last=True), "name"],
    "-last": [LAST.desc(nulls_last=True), "name"],
    "time": [TIME.asc(nulls_last=True), "name"],
    "-time": [TIME.desc(nulls_last=True), "name"],
    "state": [F("paused_at").asc(nulls_first=True), F("failing_since").desc(nulls_last=True), "name"],
    "-state": [F("paused_at").desc(nulls_last=True), F("failing_since").asc(nulls_first=True), "name"],
}
OPTIONS_SHOWN = 30
"""How many tags, collections or environments a filter offers."""


class Column(NamedTuple):
    """A column of the list: what it is sorted by first, or not at all."""

    label: str
    sort: str = ""
    is_number: bool = False


COLUMNS = (
    Column("State", "state"),
    Column("Monitor", "name"),
    Column("Last 30 runs"),
    Column("Last run", "-last"),
    Column("Response time", "-time", is_number=True),
)


class Head(NamedTuple):
    """The head of a column, whose link sorts by `sort`."""

    label: str
    sort: str
    direction: str
    is_number: bool


class Option(NamedTuple):
    label: str
    query: str


@dataclass(frozen=True)
class Choice:
    """A filter by one of several names: the chosen one, or those that can be chosen."""

    label: str
    chosen: str
    query_without: str
    options: list[Option]
    has_more: bool


class MonitorListView(WorkspaceMixin, ListPage[Monitor]):
    # Not joined: thousands of rows are sorted, and a page of them is shown.
    queryset = Monitor.objects.prefetch_related("collection", "last_run")
    template_name = "monitors/monitors/list.html"
    filterset_class = MonitorFilter
    filterset: MonitorFilter
    search_label = "Search monitors, collections, tags and URLs"
    none_found = "No monitor matches."

    def get_ordering(self) -> list[str | OrderBy]:
        return ORDERS[self.order]

    @property
    def order(self) -> str:
        chosen = self.request.GET.get("sort", "")
        return chosen if chosen in ORDERS else "name"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        counts = self.filterset.count_by_state(self.request.workspace)
        return context | {
            "rows": self.rows(context["object_list"]),
            "heads": [head(column, self.order) for column in COLUMNS],
            "states": [(state, counts[state]) for state in MonitorState],
            "total": sum(counts.values()),
            "state": self.filterset.form.cleaned_data.get("state"),
            "choices": list(self.choices()),
            "mute_choices": MuteFor.choices,
        }

    def rows(self, monitors: Iterable[Monitor]) -> list[MonitorRow]:
        listed = list(monitors)
        for monitor in listed:
            monitor.workspace = self.request.workspace
        return monitor_rows(listed, lateness.late_regions(listed, timezone.now()))

    def choices(self) -> Iterable[Choice]:
        workspace = self.request.workspace
        counts = Monitor.objects.for_workspace(workspace).tags()
        tags = sorted(counts, key=lambda tag: -counts[tag])[: OPTIONS_SHOWN + 1]
        yield self.choice("tag", "Tag", [(tag, tag) for tag in tags])
        for name, label, parts in (
            ("collection", "Collection", Collection.objects.for_workspace(workspace)),
            ("environment", "Environment", Environment.objects.for_workspace(workspace)),
        ):
            used = Monitor.objects.filter(**{name: OuterRef("pk")})
            found = parts.filter(Exists(used)).order_by("name").values_list("pk", "name")
            yield self.choice(name, label, list(found[: OPTIONS_SHOWN + 1]))
        if len(settings.REGIONS) > 1:
            yield self.choice("region", "Region", [(region, region) for region in settings.REGIONS])

    def choice(self, name: str, label: str, found: list[tuple[Any, str]]) -> Choice:
        chosen, query = self.filterset.form.cleaned_data.get(name), self.request.GET
        return Choice(
            label,
            self.chosen_label(name, chosen, found) if chosen else "",
            query_with(query, name, None),
            [Option(text, query_with(query, name, value)) for value, text in found[:OPTIONS_SHOWN]],
            len(found) > OPTIONS_SHOWN,
        )

    def chosen_label(self, name: str, chosen: object, found: list[tuple[Any, str]]) -> str:
        labels = dict(found)
        if chosen in labels:
            return str(labels[chosen])
        model: Any = {"collection": Collection, "environment": Environment}.get(name)
        part = model and model.objects.for_workspace(self.request.workspace).filter(pk=chosen).first()
        return str(part or chosen)


def head(column: Column, order: str) -> Head:
    """A click on a column that the list is sorted by turns its order around."""
    key = column.sort.removeprefix("-")
    if not key or order.removeprefix("-") != key:
        return Head(column.label, column.sort, "", column.is_number)
    is_descending = order.startswith("-")
    direction = "descending" if is_descending else "ascending"
    return Head(column.label, key if is_descending else f"-{key}", direction, column.is_number)


def query_with(query: QueryDict, name: str, value: object) -> str:
    """The query of the URL with another value for one parameter, on the first page."""
    changed = query.copy()
    changed.pop("page", None)
    changed.pop(name, None)
    if value is not None:
        changed[name] = str(value)
    return changed.urlencode()
