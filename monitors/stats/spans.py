"""Spans of time: pairs of start and end, the end excluded."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """From a start to an end that is later."""

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


def clipped(spans: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """The parts of spans that lie within a range."""
    parts = (Span(max(span.start, since), min(span.end, until)) for span in spans)
    return [part for part in parts if part.start < part.end]


def union(spans: Iterable[Span]) -> list[Span]:
    """The times that are in any of the spans, in order and without overlaps."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def without(spans: Iterable[Span], removed: Iterable[Span]) -> list[Span]:
    """The times that are in the first spans and in none of the others, in order."""
    left = []
    holes = union(removed)
    at = 0
    for start, end in union(spans):
        while at < len(holes) and holes[at].end <= start:
            at += 1
        for hole in holes[at:]:
            if hole.start >= end:
                break
            if start < hole.start:
                left.append(Span(start, hole.start))
            start = hole.end
        if start < end:
            left.append(Span(start, end))
    return left


def total(spans: Iterable[Span]) -> timedelta:
    """How long spans last together; those that overlap count once."""
    return sum((span.duration for span in union(spans)), timedelta())
