"""Uptime: the share of the watched time in which a monitor had no outage."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from monitors.models import Gap, Monitor, Outage, RegionStatus
from monitors.models.gaps import GapReason
from monitors.stats.spans import Span, clipped, total, union, without

MAX_ROWS = 5000
"""How many outages or gaps are read for one answer."""


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
    """The same of several monitors, by three queries for all."""
    outages = Outage.objects.filter(monitor__in=monitors).lasting_after(since).begun_before(until)
    newest = _by_monitor(outages.order_by("-started_at", "-pk")[:MAX_ROWS])
    stored = Gap.objects.within(monitors, since, until).order_by("-ended_at", "-pk")
    gaps = _by_monitor(stored[:MAX_ROWS])
    statuses = _by_monitor(RegionStatus.objects.filter(monitor__in=monitors).select_related("monitor"))
    span = Span(since, max(since, min(until, now)))
    return {
        monitor.pk: _watch(
            monitor, newest[monitor.pk][::-1], gaps[monitor.pk], statuses[monitor.pk], span, now
        )
        for monitor in monitors
    }


R = TypeVar("R", Outage, Gap, RegionStatus)


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
    span: Span,
    now: datetime,
) -> Watch:
    gaps = [*gaps, *(gap for status in statuses for gap in status.gaps(now))]
    if monitor.paused_at and monitor.paused_at < now:
        gaps.append(Gap(monitor=monitor, reason=GapReason.PAUSED, started_at=monitor.paused_at, ended_at=now))
    gaps.sort(key=lambda gap: (gap.started_at, gap.region))
    added_at = {status.region: status.added_at for status in statuses}
    unwatched = _unwatched(gaps, added_at, span)
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
