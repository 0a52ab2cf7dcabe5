"""Uptime: the share of the watched time in which a monitor had no outage."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from monitors.models import Gap, Monitor, Outage, RegionStatus
from monitors.models.gaps import GapReason
from monitors.stats.spans import Span, clipped, total, union, without

MAX_ROWS = 5000
"""How many outages, and how many gaps, are read for one answer, and for each monitor of a short list."""
MIN_ROWS = 250
"""How many are read for each monitor of a long list."""


@dataclass(frozen=True)
class Watch:
    """When a monitor was watched within a span, and what was seen."""

    span: Span
    outages: list[Outage]
    """Those that reach into the span, in order."""
    gaps: list[Gap]
    """Spans in which a region was not watched, in order. Those that last have no id and end now."""
    unwatched: list[Span]
    """Spans in which no region was watched, within the span."""
    now: datetime

    @property
    def down(self) -> list[Span]:
        """The outages without what nobody watched, within the span."""
        spans = (Span(outage.started_at, outage.ended_at or self.now) for outage in self.outages)
        return without(clipped(spans, *self.span), self.unwatched)

    @property
    def watched_time(self) -> timedelta:
        return total(without([self.span], self.unwatched))

    @property
    def down_time(self) -> timedelta:
        return total(self.down)

    @property
    def uptime(self) -> float | None:
        """From 0 to 1; None when nothing was watched."""
        watched = self.watched_time
        return 1 - self.down_time / watched if watched else None

    def within(self, since: datetime, until: datetime) -> "Watch":
        """The same for a part of the span, without a query."""
        reaching = [
            outage
            for outage in self.outages
            if outage.started_at < until and (outage.ended_at or self.now) >= since
        ]
        gaps = [gap for gap in self.gaps if gap.started_at < until and gap.ended_at > since]
        [*span] = clipped([self.span], since, until)
        part = span[0] if span else Span(since, since)
        return Watch(part, reaching, gaps, clipped(self.unwatched, since, until), self.now)


def watch_of(monitor: Monitor, since: datetime, until: datetime, now: datetime) -> Watch:
    """What is known of a span. It takes three queries."""
    return watches_of([monitor], since, until, now)[monitor.pk]


def watches_of(
    monitors: Collection[Monitor], since: datetime, until: datetime, now: datetime
) -> dict[uuid.UUID, Watch]:
    """The same of several monitors, by three queries for all.

    Of a monitor with more outages or gaps than are read, the time before the oldest of them counts as not
    watched.
    """
    limit = max(MIN_ROWS, MAX_ROWS // max(len(monitors), 1))
    outages = Outage.objects.filter(monitor__in=monitors).lasting_after(since).begun_before(until)
    newest = _by_monitor(_newest_of_each(outages, "started_at", limit))
    gaps = _by_monitor(_newest_of_each(Gap.objects.within(monitors, since, until), "ended_at", limit))
    statuses = _by_monitor(RegionStatus.objects.filter(monitor__in=monitors).select_related("monitor"))
    span = Span(since, max(since, min(until, now)))
    return {
        monitor.pk: _watch(
            monitor,
            newest[monitor.pk][::-1],
            gaps[monitor.pk],
            statuses[monitor.pk],
            _unread([newest[monitor.pk], gaps[monitor.pk]], limit, span),
            span,
            now,
        )
        for monitor in monitors
    }


R = TypeVar("R", Outage, Gap, RegionStatus)
S = TypeVar("S", Outage, Gap)


def _newest_of_each(rows: QuerySet[S], by: str, limit: int) -> QuerySet[S]:
    """The newest rows of each monitor, the newest first."""
    newest = [F(by).desc(), F("pk").desc()]
    turn = Window(RowNumber(), partition_by="monitor", order_by=newest)
    return rows.alias(turn=turn).filter(turn__lte=limit).order_by(*newest)


def _unread(read: Iterable[Sequence[Outage] | Sequence[Gap]], limit: int, span: Span) -> list[Span]:
    """The time before the oldest row of those of which a monitor may have more than were read."""
    starts = [rows[-1].started_at for rows in read if len(rows) == limit]
    return clipped([Span(span.start, start) for start in starts], *span)


def _by_monitor(rows: Iterable[R]) -> dict[uuid.UUID | None, list[R]]:
    found: dict[uuid.UUID | None, list[R]] = defaultdict(list)
    for row in rows:
        found[row.monitor_id].append(row)
    return found


def _watch(
    monitor: Monitor,
    outages: list[Outage],
    gaps: list[Gap],
    statuses: list[RegionStatus],
    unread: list[Span],
    span: Span,
    now: datetime,
) -> Watch:
    gaps = [*gaps, *(gap for status in statuses for gap in status.gaps(now))]
    if monitor.paused_at and monitor.paused_at < now:
        gaps.append(Gap(monitor=monitor, reason=GapReason.PAUSED, started_at=monitor.paused_at, ended_at=now))
    gaps.sort(key=lambda gap: (gap.started_at, gap.region))
    added_at = {status.region: status.added_at for status in statuses}
    unwatched = unread + _unwatched(gaps, added_at, span)
    unwatched += clipped([Span(span.start, monitor.created_at)], *span)
    return Watch(span, outages, gaps, union(unwatched), now)


def _unwatched(gaps: Iterable[Gap], added_at: dict[str, datetime], span: Span) -> list[Span]:
    """The spans in which a region had a gap and no other region was watched.

    What regions watched that the monitor no longer has is not known, so only present ones count as others.
    """
    of_all: list[Span] = []
    by_region: dict[str, list[Span]] = {}
    for gap in gaps:
        spans = by_region.setdefault(gap.region, []) if gap.region else of_all
        spans.append(Span(gap.started_at, gap.ended_at))
    watched = [
        part
        for region, since in added_at.items()
        if since < span.end
        for part in without([Span(since, span.end)], by_region.get(region, []))
    ]
    of_regions = [part for spans in by_region.values() for part in spans]
    return clipped([*of_all, *without(of_regions, watched)], *span)
