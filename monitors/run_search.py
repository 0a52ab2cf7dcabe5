"""Finds runs by time, text and request, in time that does not grow with the number of runs.

Runs have no index by time. Their ids grow with it, so a time is translated to ids first. Texts and details
have no index either: a limited number of runs is searched, the newest ones.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from monitors import run_documents
from monitors.models import Run, RunDetail
from monitors.models.runs import RunQuerySet
from workspaces.numbers import MAX_KEY

MAX_SEARCHED = 10_000
"""How many runs a text is looked for in."""
MAX_WALKED = 100_000
"""In how many runs those that failed are looked for."""
MAX_READ = 1000
"""How many failed runs are read for a request."""
CHUNK = 50
"""How many details are in memory at once."""
MAX_BYTES, MAX_BYTES_OF_DETAIL = 32 * 1024 * 1024, 2 * 1024 * 1024
"""When the search for a request ends, and which details it skips: bytes as they are before compression."""

EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Times outside of these are not calculated with: the ends of the calendar are near."""
CLOCK_MARGIN = timedelta(minutes=15)
"""How far the clock may have been set back without runs being missed."""
CLOSE = 500
"""When the search for an id ends: the rest is read by the query itself."""


class Point(NamedTuple):
    """A run on the line of time."""

    id: int
    queued_at: datetime


def bounded(time: datetime) -> datetime:
    """The time, or the nearest one with which a database calculates in every time zone."""
    return min(max(time, EARLIEST), LATEST)


def queued_since(runs: RunQuerySet, since: datetime) -> RunQuerySet:
    """The runs that were queued at that time or later."""
    if since <= EARLIEST:
        return runs
    if since >= LATEST:
        return runs.none()
    return runs.filter(pk__gt=_around(since - CLOCK_MARGIN).before, queued_at__gte=since)


def queued_before(runs: RunQuerySet, until: datetime) -> RunQuerySet:
    """The runs that were queued before that time."""
    if until <= EARLIEST:
        return runs.none()
    if until >= LATEST:
        return runs
    return runs.filter(pk__lt=_around(until + CLOCK_MARGIN).after, queued_at__lt=until)


def containing(runs: RunQuerySet, text: str) -> RunQuerySet:
    """Those of the newest runs whose sentence on what failed contains the text."""
    newest = runs.order_by("-pk").values("pk")[:MAX_SEARCHED]
    return runs.filter(pk__in=newest, summary__icontains=text)


def failed_at(runs: RunQuerySet, request: str) -> RunQuerySet:
    """Those of the newest failed runs in which the request with this name failed."""
    newest = runs.order_by("-pk")
    last = newest.values_list("pk", flat=True)[MAX_WALKED:].first() or 0
    failed = list(newest.failed().filter(pk__gt=last).values_list("pk", flat=True)[:MAX_READ])
    found: list[int] = []
    room = MAX_BYTES
    for start in range(0, len(failed), CHUNK):
        details = RunDetail.objects.filter(pk__in=failed[start : start + CHUNK]).order_by("-pk")
        for pk, document in details.values_list("pk", "document"):
            size, has_failed = _look_for(request, bytes(document))
            room -= size
            if has_failed:
                found.append(pk)
        if room < 0:
            break
    return runs.filter(pk__in=found)


def _look_for(request: str, document: bytes) -> tuple[int, bool]:
    """How many bytes were read, and whether the request failed. A detail that is too long has no answer."""
    try:
        text = run_documents.decompress(document, MAX_BYTES_OF_DETAIL)
    except run_documents.UnreadableDocument:
        return MAX_BYTES_OF_DETAIL, False
    # To parse it takes much longer than to look whether the name is in it.
    if run_documents.as_json(request) not in text:
        return len(text), False
    counted = run_documents.parse(text).counted
    return len(text), any(result.name == request and not result.passed for result in counted)


class Ids(NamedTuple):
    """What is known of a time: no run with an id up to `before` was queued at it or later, and none with an
    id from `after` on was queued before it."""

    before: int
    after: int


def _around(time: datetime) -> Ids:
    first, last = _point(Q(), "pk"), _point(Q(), "-pk")
    if first is None or last is None or first.queued_at >= time:
        return Ids(0, first.id if first else 0)
    if last.queued_at < time:
        return Ids(last.id, MAX_KEY)
    halve = False
    while last.id - first.id > CLOSE:
        middle = (first.id + last.id) // 2 if halve else _guess(first, last, time)
        point = _point(Q(pk__gte=middle, pk__lt=last.id), "pk")
        if point is None:  # the runs in between are deleted
            last = last._replace(id=middle)
        elif point.queued_at < time:
            first = point
        else:
            last = Point(middle, point.queued_at)
        halve = not halve
    return Ids(first.id, last.id)


def _guess(first: Point, last: Point, time: datetime) -> int:
    """Where the time would be if runs were queued evenly."""
    share = (time - first.queued_at) / (last.queued_at - first.queued_at)
    return first.id + max(1, min(last.id - first.id - 1, int((last.id - first.id) * share)))


def _point(where: Q, order: str) -> Point | None:
    row = Run.objects.filter(where).order_by(order).values_list("pk", "queued_at").first()
    return Point(*row) if row else None
