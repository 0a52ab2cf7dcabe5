"""What is done with many monitors at once. Each monitor changes in a transaction of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import models
from django.http import Http404

from monitors.manual_runs import TooManyRuns, run_now
from monitors.models import Monitor
from monitors.tags import clean_tags
from workspaces.editing import editing

MAX_MONITORS = 200
"""How many monitors one request may change."""


class BulkAction(models.TextChoices):
    """What the list of monitors offers for those that are chosen."""

    PAUSE = "pause", "Pause"
    RESUME = "resume", "Resume"
    RUN = "run", "Run now"
    TAG = "tag", "Add tag"
    UNTAG = "untag", "Remove tag"
    MUTE = "mute", "Mute"
    DELETE = "delete", "Delete"


@dataclass
class Outcome:
    """What became of the chosen monitors."""

    changed: int = 0
    problem: str = ""
    """Why the others were left as they are; empty when nothing had to be done for them."""


def pause(monitors: Iterable[Monitor], by: object, *, outage_is_over: bool) -> Outcome:
    return Outcome(sum(monitor.pause(by=by, outage_is_over=outage_is_over) for monitor in monitors))


def resume(monitors: Iterable[Monitor], by: object) -> Outcome:
    return Outcome(sum(monitor.resume(by=by) for monitor in monitors))


def run(monitors: Iterable[Monitor]) -> Outcome:
    """Runs each in all its regions, until too many runs are unfinished."""
    outcome = Outcome()
    for monitor in monitors:
        try:
            run_now(monitor)
        except TooManyRuns as problem:
            outcome.problem = str(problem)
        else:
            outcome.changed += 1
    return outcome


def add_tag(monitors: Iterable[Monitor], tag: str, by: object) -> Outcome:
    return _change_tags(monitors, by, lambda tags: tags if tag in tags else clean_tags([*tags, tag]))


def remove_tag(monitors: Iterable[Monitor], tag: str, by: object) -> Outcome:
    return _change_tags(monitors, by, lambda tags: [each for each in tags if each != tag])


def delete(monitors: Iterable[Monitor]) -> Outcome:
    outcome = Outcome()
    for monitor in monitors:
        monitor.delete()
        outcome.changed += 1
    return outcome


def _change_tags(
    monitors: Iterable[Monitor], by: object, change: Callable[[list[str]], list[str]]
) -> Outcome:
    outcome = Outcome()
    for monitor in monitors:
        try:
            outcome.changed += _change_tags_of(monitor, by, change)
        except ValueError as problem:
            outcome.problem = f"{monitor}: {problem}"
        except Http404:  # somebody deleted it in the meantime
            continue
    return outcome


def _change_tags_of(monitor: Monitor, by: object, change: Callable[[list[str]], list[str]]) -> bool:
    with editing(monitor, monitor.workspace, str(by)) as stored:
        tags = change(stored.tags)
        if tags == stored.tags:
            return False
        stored.tags = tags
        stored.save(update_fields=["tags", "updated_at"])
        stored.announce("edited", by)
    return True
