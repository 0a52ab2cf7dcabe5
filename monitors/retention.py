"""Removes what is older than its workspace keeps: runs with details, exchanges, statistics, outages, and
versions of collections that nothing uses.

Each batch is a few short transactions, with a pause after it that is at least as long. So the removal takes
at most half of a processor and holds no lock for long. It may be killed at any moment: the next task goes on
where this one was.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from monitors.models import (
    CollectionVersion,
    Exchange,
    Gap,
    Monitor,
    Outage,
    Result,
    Retention,
    RetentionTurn,
    RollUp,
    Run,
)
from monitors.models.retention import A_MONTH
from monitors.models.rollups import KEPT_BY_HOUR, Period
from workspaces.deletion import delete_batch, pause_after

BATCH = 2000
MONITORS = 500
"""Of how many monitors gaps are looked for by one query."""

SOON = timedelta(minutes=1)
LATER = timedelta(hours=1)
"""When a workspace has its next turn: soon after one that found something to remove, else later."""

LATE_ROLL_UPS = timedelta(days=2)
"""How long after its end a day may still be stored."""

LAST_RUN_OF_A_VERSION = timedelta(days=1)
"""How long after an import runs may still end that began with the version before."""


def delete_expired(seconds: float) -> None:
    """Removes batches for at most `seconds`. The workspaces take turns, a batch of each kind at a time."""
    deadline = time.monotonic() + seconds
    RetentionTurn.objects.add_missing()
    is_busy = True
    while is_busy and time.monotonic() < deadline:
        started = time.monotonic()
        now = timezone.now()
        found = _delete_roll_ups(now) > 0
        turn = RetentionTurn.objects.claim_next(now)
        if turn is not None:
            found = take_turn(turn, now) or found
            turn.save()
        if found:
            pause_after(started)
        is_busy = found or turn is not None


def _delete_roll_ups(now: datetime) -> int:
    """One batch of each period, of all workspaces: no workspace keeps them longer than the operator says."""
    most = A_MONTH * settings.KEEP_STATISTICS_MONTHS
    # An open hour is not in its day yet.
    hours = RollUp.objects.filter(period=Period.HOUR, is_open=False, start__lt=now - min(KEPT_BY_HOUR, most))
    days = RollUp.objects.filter(period=Period.DAY, start__lt=now - most)
    return _delete(hours.order_by("start")) + _delete(days.order_by("start"))


def _delete(rows: QuerySet[Any]) -> int:
    """Deletes one batch of them. Returns how many they are."""
    pks = list(rows.values_list("pk", flat=True)[:BATCH])
    if pks:
        delete_batch(rows.model, pks)
    return len(pks)


def take_turn(turn: RetentionTurn, now: datetime) -> bool:
    """Removes one batch of each kind, and plans the next turn. False when there was nothing to remove."""
    kept = Retention.of(turn.workspace_id)
    batches = [
        _delete_good_runs(turn, now - kept.good_runs),
        _delete_all_runs(turn, now - kept.failed_runs),
        _delete_formerly_spared_runs(turn),
        _delete_unused_versions(turn, now - kept.failed_runs),
        _delete_exchanges(turn, now - kept.exchanges),
        *_delete_statistics(turn, kept, now - kept.statistics),
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
    _delete(_not_spared(Run.objects.filter(pk__in=[pk for pk, _, result in passed if expired(result)])))
    return len(passed), passed[-1][0]


def _delete_formerly_spared_runs(turn: RetentionTurn) -> int:
    """Deletes runs that were passed while they were spared. Others with such low ids are gone."""
    passed = Run.objects.filter(workspace=turn.workspace_id, pk__lte=turn.all_runs_to)
    return _delete(_not_spared(passed).order_by("workspace_id", "-pk"))


def _not_spared(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Without the last run of each monitor, which says what its state is about, and without the good runs
    whose exchanges others are compared with."""
    last = Monitor.all_objects.filter(last_run=OuterRef("pk"))
    compared = Exchange.objects.filter(run=OuterRef("pk"), is_good=True)
    return runs.filter(~Exists(last), ~Exists(compared))


def _delete_unused_versions(turn: RetentionTurn, before: datetime) -> int:
    """Deletes versions that a newer one replaced long ago, and that no kept run used."""
    replaced = CollectionVersion.objects.filter(
        collection=OuterRef("collection"),
        number__gt=OuterRef("number"),
        created_at__lt=before - LAST_RUN_OF_A_VERSION,
    )
    used = Run.objects.filter(collection_version=OuterRef("pk"))
    unused = CollectionVersion.objects.filter(
        Exists(replaced), ~Exists(used), collection__workspace=turn.workspace_id
    )
    return _delete(unused.exclude(pk=F("collection__latest")).order_by("pk"))


def _delete_exchanges(turn: RetentionTurn, before: datetime) -> int:
    """Without those of the last good run of a monitor, which stay as long as that run."""
    old = Exchange.objects.filter(is_good=False, created_at__lt=before, monitor__workspace=turn.workspace_id)
    return _delete(old.order_by("created_at"))


def _delete_statistics(turn: RetentionTurn, kept: Retention, before: datetime) -> Iterator[int]:
    workspace = turn.workspace_id
    yield _delete(Outage.objects.filter(workspace=workspace, ended_at__lt=before).order_by("ended_at"))
    yield _delete_gaps(workspace, before)
    if kept.statistics_months:
        yield _delete_roll_ups_of_workspace(turn, before)


def _delete_gaps(workspace: UUID, before: datetime) -> int:
    """A part of the monitors at a time: the index of gaps begins with the monitor."""
    monitors = list(Monitor.all_objects.filter(workspace=workspace).order_by().values_list("pk", flat=True))
    found = 0
    for start in range(0, len(monitors), MONITORS):
        gaps = Gap.objects.filter(monitor__in=monitors[start : start + MONITORS], ended_at__lt=before)
        found += _delete(gaps.order_by("monitor_id", "ended_at"))
        if found >= BATCH:
            break
    return found


def _delete_roll_ups_of_workspace(turn: RetentionTurn, before: datetime) -> int:
    """Roll-ups are found by their start, among those of all workspaces. So each turn goes on where the last
    one ended, but for those that were added since: the clock may have been set back."""
    of_workspace = RollUp.objects.filter(monitor__workspace=turn.workspace_id, start__lt=before)
    if turn.roll_ups_to:
        of_workspace = of_workspace.filter(start__gte=turn.roll_ups_to - LATE_ROLL_UPS)
    found = [_delete(of_workspace.filter(period=period).order_by("start")) for period in Period]
    if max(found) < BATCH:
        turn.roll_ups_to = before
    return max(found)
