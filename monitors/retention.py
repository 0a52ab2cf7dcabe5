"""Removes what is older than its workspace keeps: runs with their details, unused versions, outages.

Each batch is a few short transactions, with a pause after it that is at least as long. So the removal takes
at most half of a processor and holds no lock for long. It may be killed at any moment: the next task goes on
where this one was.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from monitors.models import CollectionVersion, Outage, Result, Run
from monitors.models.retention import Retention, RetentionTurn
from workspaces.deletion import delete_batch

BATCH = 2000
PAUSE_SECONDS = 0.02
"""The shortest pause after a batch, in which others can write: SQLite allows one writer at a time."""

SOON = timedelta(minutes=1)
LATER = timedelta(hours=1)
"""When a workspace has its next turn: soon after one that found something to remove, else later."""

LAST_RUN_OF_A_VERSION = timedelta(days=1)
"""How long after an import runs may still end that began with the version before."""


def delete_expired(seconds: float) -> None:
    """Removes batches for at most `seconds`. The workspaces take turns, a batch of each kind at a time."""
    deadline = time.monotonic() + seconds
    RetentionTurn.objects.add_missing()
    while time.monotonic() < deadline:
        started = time.monotonic()
        now = timezone.now()
        turn = RetentionTurn.objects.claim_next(now)
        if turn is None:
            return
        found = take_turn(turn, now)
        turn.save()
        if found:
            time.sleep(max(PAUSE_SECONDS, time.monotonic() - started))


def take_turn(turn: RetentionTurn, now: datetime) -> bool:
    """Removes one batch of each kind, and plans the next turn. False when there was nothing to remove."""
    kept = Retention.of(turn.workspace_id)
    batches = [
        _delete_good_runs(turn, now - kept.good_runs),
        _delete_all_runs(turn, now - kept.failed_runs),
        _delete_unused_versions(turn, now - kept.failed_runs),
        _delete_outages(turn, now - kept.statistics),
    ]
    if any(size >= BATCH for size in batches):
        turn.due_at = now
    else:
        turn.due_at = now + (SOON if any(batches) else LATER)
    return any(batches)


def _delete_good_runs(turn: RetentionTurn, before: datetime) -> int:
    passed, turn.good_runs_to = _delete_runs(turn, turn.good_runs_to, before, Result.SUCCESSFUL.__eq__)
    return passed


def _delete_all_runs(turn: RetentionTurn, before: datetime) -> int:
    """What the first kind left, also what never finished."""
    passed, turn.all_runs_to = _delete_runs(turn, turn.all_runs_to, before, lambda result: True)
    return passed


def _delete_runs(
    turn: RetentionTurn, start: int, before: datetime, expired: Callable[[str], bool]
) -> tuple[int, int]:
    """Passes the next runs that were queued before that time, and deletes those whose result is `expired`.

    Returns how many runs it passed, and the id of the last one.
    """
    runs = Run.objects.filter(workspace=turn.workspace_id, pk__gt=start).order_by("pk")
    rows = runs.values_list("pk", "queued_at", "result")[:BATCH]
    passed = list(takewhile(lambda row: row[1] < before, rows))
    if not passed:
        return 0, start
    delete_batch(Run, [pk for pk, _, result in passed if expired(result)])
    return len(passed), passed[-1][0]


def _delete_unused_versions(turn: RetentionTurn, before: datetime) -> int:
    """Deletes versions that a newer one replaced so long ago that no kept run used them."""
    replaced = CollectionVersion.objects.filter(
        collection=OuterRef("collection"),
        number__gt=OuterRef("number"),
        created_at__lt=before - LAST_RUN_OF_A_VERSION,
    )
    unused = CollectionVersion.objects.filter(Exists(replaced), collection__workspace=turn.workspace_id)
    pks = list(unused.exclude(pk=F("collection__latest")).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if pks:
        delete_batch(CollectionVersion, list(pks))
    return len(pks)


def _delete_outages(turn: RetentionTurn, before: datetime) -> int:
    """Deletes outages that ended before that time, with their notes."""
    ended = Outage.objects.filter(workspace=turn.workspace_id, ended_at__lt=before).order_by("ended_at")
    pks = list(ended.values_list("pk", flat=True)[:BATCH])
    if pks:
        delete_batch(Outage, list(pks))
    return len(pks)
