"""Search or jump: finds the pages, monitors, collections and runs of a workspace, and offers actions.

Each kind of thing is asked for with one query, and only a few of each are found, however many there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import F, QuerySet
from django.urls import reverse

from monitors import lateness
from monitors.models import Collection, Environment, Monitor, Run
from monitors.muting import MuteFor
from workspaces.models import Workspace
from workspaces.numbers import number_in

MAX_LENGTH = 100
MAX_WORDS = 6
MAX_FOUND = 6
"""Of each kind."""
MAX_SEARCHED = 100
"""Monitors of which a run is searched by its number: each has runs of the same numbers."""


@dataclass(frozen=True)
class Hit:
    """Something found: a page to open, or an action to take."""

    label: str
    url: str
    icon: str = ""
    state: str = ""
    """A state of `states.BADGES`, shown by its shape instead of an icon."""
    note: str = ""
    is_action: bool = False
    """Whether opening it changes something: it is sent with POST."""
    fields: dict[str, str] = field(default_factory=dict)
    """What an action sends along."""

    @property
    def text(self) -> str:
        """In what words of a query are found."""
        return " ".join([self.label, *self.fields.values()]).lower()


@dataclass(frozen=True)
class Group:
    name: str
    hits: list[Hit]


@dataclass(frozen=True)
class Page:
    label: str
    icon: str
    url_name: str
    for_editors: bool = False
    is_of_workspace: bool = True


PAGES = [
    Page("Home", "home", "monitors:home"),
    Page("Monitors", "heartbeat", "monitors:monitors"),
    Page("Outages", "urgent", "monitors:outages"),
    Page("Collections", "folder", "monitors:collections"),
    Page("Environments", "braces", "monitors:environments"),
    Page("Maintenance", "bell-off", "monitors:maintenance"),
    Page("Members", "users", "workspaces:members"),
    Page("Settings", "adjustments-horizontal", "workspaces:settings"),
    Page("Add monitor", "plus", "monitors:add-monitor", for_editors=True),
    Page("Import collection", "file-import", "monitors:import-collection", for_editors=True),
    Page("Add environment", "plus", "monitors:add-environment", for_editors=True),
    Page("Add maintenance window", "plus", "monitors:add-maintenance-window", for_editors=True),
]
"""Other apps add theirs when they start."""


def search(workspace: Workspace, query: str, *, can_edit: bool) -> list[Group]:
    """What the words of a query find, in groups; groups without hits are left out."""
    words = query[:MAX_LENGTH].lower().split()[:MAX_WORDS]
    groups = [
        Group("Do", list(_actions(workspace, words)) if can_edit else []),
        Group("Monitors", list(_monitors(workspace, words))),
        Group("Runs", list(_runs(workspace, words))),
        Group("Collections", list(_named(Collection, "folder", workspace, words))),
        Group("Environments", list(_named(Environment, "braces", workspace, words))),
        Group("Pages", list(_pages(workspace, words, can_edit))),
    ]
    return [group for group in groups if group.hits]


def _with_words(queryset: QuerySet[Monitor], words: Iterable[str]) -> list[Monitor]:
    for word in words:
        queryset = queryset.filter(name__icontains=word)
    return list(queryset.select_related("workspace").order_by("name")[:MAX_FOUND])


def _monitors(workspace: Workspace, words: list[str]) -> Iterable[Hit]:
    """The monitors with these words; without words, those that fail."""
    monitors = Monitor.objects.for_workspace(workspace)
    found = _with_words(monitors if words else monitors.failing().filter(paused_at=None), words)
    for monitor in lateness.with_late_regions(found):
        yield Hit(monitor.name, monitor.get_absolute_url(), state=monitor.state)


def _runs(workspace: Workspace, words: list[str]) -> Iterable[Hit]:
    """The runs with the number that is typed last: of the monitors that the words before it name."""
    number = number_in(words[-1].removeprefix("#")) if words else None
    if number is None:
        return
    monitors = Monitor.objects.for_workspace(workspace).filter(last_run_number__gte=number)
    for word in words[:-1]:
        monitors = monitors.filter(name__icontains=word)
    ordered = monitors.order_by(F("failing_since").desc(nulls_last=True), "name").values_list("pk", flat=True)
    runs = Run.objects.filter(monitor__in=list(ordered[:MAX_SEARCHED]), number=number).select_related(
        "workspace", "monitor"
    )
    for run in runs.order_by("-pk")[:MAX_FOUND]:
        yield Hit(f"{run.monitor}, run {number}", run.get_absolute_url(), state=run.result or run.status)


def _named(
    model: type[Collection] | type[Environment], icon: str, workspace: Workspace, words: list[str]
) -> Iterable[Hit]:
    if not words:
        return
    queryset: QuerySet[Collection] | QuerySet[Environment] = model.objects.for_workspace(workspace)
    for word in words:
        queryset = queryset.filter(name__icontains=word)
    for found in queryset.select_related("workspace").order_by("name")[:MAX_FOUND]:
        yield Hit(found.name, found.get_absolute_url(), icon=icon)


def _pages(workspace: Workspace, words: list[str], can_edit: bool) -> Iterable[Hit]:
    allowed = (page for page in PAGES if can_edit or not page.for_editors)
    found = (page for page in allowed if all(word in page.label.lower() for word in words))
    for page in islice(found, 2 * MAX_FOUND):
        args = [workspace.slug] if page.is_of_workspace else []
        yield Hit(page.label, reverse(page.url_name, args=args), icon=page.icon)


def _actions(workspace: Workspace, words: list[str]) -> Iterable[Hit]:
    """What a verb in front of a name would do: "run checkout", "mute checkout 1 h"."""
    if not words or words[0] not in VERBS:
        return
    # How long a monitor is muted is no part of its name.
    named = [word for word in words[1:] if words[0] != "mute" or word not in LENGTHS]
    monitors = _with_words(Monitor.objects.for_workspace(workspace), named)
    hits = (hit for monitor in monitors for hit in VERBS[words[0]](monitor))
    yield from islice((hit for hit in hits if all(word in hit.text for word in words)), MAX_FOUND)


def _url(name: str, monitor: Monitor) -> str:
    return reverse(f"monitors:{name}", args=[monitor.workspace.slug, monitor.pk])


def _run(monitor: Monitor) -> Iterable[Hit]:
    yield Hit(f"Run {monitor} now", _url("run-now", monitor), icon="player-play", is_action=True)


def _mute(monitor: Monitor) -> Iterable[Hit]:
    for choice in MuteFor:
        words = choice.label[0].lower() + choice.label[1:]
        words = words if choice == MuteFor.TOMORROW else f"for {words}"
        yield Hit(
            f"Mute {monitor} {words}",
            _url("mute-monitor", monitor),
            icon="bell-off",
            note="pages nobody",
            is_action=True,
            fields={"for": choice.value},
        )


def _pause(monitor: Monitor) -> Iterable[Hit]:
    if not monitor.is_paused:
        # The page asks what becomes of the open incidents of a failing monitor.
        is_action = monitor.failing_since is None
        yield Hit(f"Pause {monitor}", _url("pause-monitor", monitor), "player-pause", is_action=is_action)


def _resume(monitor: Monitor) -> Iterable[Hit]:
    if monitor.is_paused:
        yield Hit(f"Resume {monitor}", _url("resume-monitor", monitor), "player-play", is_action=True)


def _edit(monitor: Monitor) -> Iterable[Hit]:
    yield Hit(f"Edit {monitor}", _url("edit-monitor", monitor), icon="pencil")


LENGTHS = {"for", "1", "1h", "4", "4h", "h", "hour", "hours", "until", "tomorrow"}
"""Words that say how long a monitor is muted."""

VERBS: dict[str, Callable[[Monitor], Iterable[Hit]]] = {
    "run": _run,
    "mute": _mute,
    "pause": _pause,
    "resume": _resume,
    "edit": _edit,
}
