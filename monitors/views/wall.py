"""The wall of Home: the monitors of a workspace in groups by their first tag.

However many monitors there are, it asks the database for one count and for the few monitors that have a tile.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from django.db.models import Count, F, Q
from django.utils import timezone

from monitors import lateness
from monitors.models.monitor_states import MonitorState, is_in_state
from monitors.models.monitors import MonitorQuerySet
from monitors.stats.uptime import watches_of
from monitors.views.rows import MonitorRow, monitor_rows

MAX_TILES = 48
"""Of a whole workspace. With more monitors, those that are well are counted and have no tile."""
MAX_GROUPS = 40
UPTIME_SPAN = timedelta(days=30)
MAX_CHIPS = 12

NUMBERS = re.compile(r"(\d+)")

BAD = (MonitorState.FAILING, MonitorState.LATE)


@dataclass(frozen=True)
class Tile:
    row: MonitorRow
    uptime: float | None
    """Of the last 30 days, from 0 to 1; None when nothing was watched."""


@dataclass
class Group:
    """The monitors with one first tag."""

    tag: str
    counts: Counter[MonitorState] = field(default_factory=Counter)
    tiles: list[Tile] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def hidden(self) -> int:
        """How many have no tile."""
        return self.total - len(self.tiles)

    @property
    def bad(self) -> str:
        """ "1 of 6 failing", or nothing when none is."""
        failing = self.counts[MonitorState.FAILING]
        return f"{failing} of {self.total} failing" if failing else ""

    @property
    def rest(self) -> str:
        """What the others are: "5 up, 1 paused"."""
        return in_words(self.counts, [state for state in WORDS if state != MonitorState.FAILING])


WORDS = {
    MonitorState.FAILING: "failing",
    MonitorState.LATE: "late",
    MonitorState.UP: "up",
    MonitorState.PAUSED: "paused",
    MonitorState.WAITING: "without a result",
}


def in_words(counts: Counter[MonitorState], states: Iterable[MonitorState]) -> str:
    """ "5 up, 1 paused": how many are in each of the states, without those in which there is none."""
    return ", ".join(f"{counts[state]} {WORDS[state]}" for state in states if counts[state])


@dataclass
class Wall:
    counts: Counter[MonitorState]
    """Of all monitors, whatever is shown of them."""
    groups: list[Group]
    more_groups: int
    chips: list[tuple[str, int]]
    """The tags with the most monitors, and how many each has."""

    @property
    def total(self) -> int:
        return self.counts.total()


def wall_of(monitors: MonitorQuerySet, late: AbstractSet[uuid.UUID], tag: str = "") -> Wall:
    """The wall of these monitors. With a `tag` it shows only those that have it.

    `late` holds the ids of the late ones.
    """
    counted = _count_by_tags(monitors, late)
    counts = sum((each for _, each in counted), Counter[MonitorState]())
    of_tags: Counter[str] = Counter()
    groups: dict[str, Group] = {}
    for tags, each in counted:
        of_tags.update(dict.fromkeys(tags, each.total()))
        if not tag or tag in tags:
            first = tag or next(iter(tags), "")
            groups.setdefault(first, Group(first)).counts.update(each)
    shown = sorted(groups.values(), key=_order)[:MAX_GROUPS]
    _add_tiles(shown, monitors, late, tag)
    return Wall(counts, shown, len(groups) - len(shown), of_tags.most_common(MAX_CHIPS))


def _count_by_tags(
    monitors: MonitorQuerySet, late: AbstractSet[uuid.UUID]
) -> list[tuple[list[str], Counter[MonitorState]]]:
    """How many monitors with the same tags are in each state."""
    states = {state.value: Count("pk", filter=is_in_state(state, late)) for state in MonitorState}
    rows = cast(Iterable[dict[str, Any]], monitors.order_by().values("tags").annotate(**states))
    return [(row["tags"], Counter({state: row[state.value] for state in MonitorState})) for row in rows]


def _order(group: Group) -> tuple[int, int, bool, list[tuple[int, str]]]:
    """What is broken comes first, then what is late; monitors without a tag come last."""
    # Numbers in tags are sorted by their value: team-9 before team-10.
    parts = [(int(part), "") if part.isdecimal() else (0, part) for part in NUMBERS.split(group.tag)]
    return (
        -bool(group.counts[MonitorState.FAILING]),
        -bool(group.counts[MonitorState.LATE]),
        not group.tag,
        parts,
    )


def _add_tiles(
    groups: list[Group], monitors: MonitorQuerySet, late: AbstractSet[uuid.UUID], tag: str
) -> None:
    if tag:
        monitors = monitors.tagged(tag)
    if sum(group.total for group in groups) > MAX_TILES and not tag:
        bad = Q()
        for state in BAD:
            bad |= is_in_state(state, late)
        monitors = monitors.filter(bad)
    monitors = monitors.select_related("workspace", "last_run")
    by_tag = {group.tag: group for group in groups}
    ordered = list(monitors.order_by(F("failing_since").asc(nulls_last=True), "name")[:MAX_TILES])
    now = timezone.now()
    rows = monitor_rows(ordered, lateness.late_regions(ordered, now) if late else {})
    watches = watches_of([row.monitor for row in rows], now - UPTIME_SPAN, now, now)
    for row in rows:
        first = tag or next(iter(row.monitor.tags), "")
        if first in by_tag:
            by_tag[first].tiles.append(Tile(row, watches[row.monitor.pk].uptime))
