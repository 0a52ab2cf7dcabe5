"""The chart of a monitor's response times: time-true, one color a region, with outages and gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from django.conf import settings

from monitors.charts.axes import marks, step_label, steps
from monitors.figures import Figures
from monitors.models import CollectionVersion
from monitors.models.gaps import GapReason
from monitors.stats import MonitorStats, RegionStats
from monitors.stats.spans import Span, clipped, total, union
from workspaces.durations import in_words, milliseconds_in_words

TOP, BOTTOM, HEIGHT = 28, 272, 300
"""Where the area of the lines begins and ends, and how high the whole chart is, in pixels."""
COLORS = 6
"""As many regions have colors of their own: `r1` to `r6` in pieces.css."""
MAX_SHOWN = 500
"""How many outages or gaps are drawn. Nobody could tell more of them apart."""
MAX_DEPLOYS = 20
WORD_WIDTH = 8
"""In per cent: nearer than this, no second word fits beside the first."""

GAP_WORDS = {
    GapReason.LATE: "nothing ran",
    GapReason.PAUSED: "paused",
    GapReason.SKIPPED: "skipped",
}


class Tick(NamedTuple):
    """A mark at an axis, with its place: in pixels from above, or in per cent from the left."""

    at: str
    label: str
    is_day: bool = False


class Box(NamedTuple):
    """A span of time, in per cent from the left."""

    x: str
    width: str
    end: str
    middle: str
    word: str
    word_at: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class RegionLine:
    """What is drawn of one region, in units of buckets and pixels."""

    key: str
    name: str
    p50_ms: int | None
    """Of the whole range."""
    bands: list[str]
    edges: list[str]
    lines: list[str]


@dataclass(frozen=True)
class Chart:
    """Everything that the template draws."""

    bucket_count: int
    y_ticks: list[Tick]
    x_ticks: list[Tick]
    outages: list[Box]
    gaps: list[Box]
    deploys: list[Box]
    """When versions of the collection were added."""
    regions: list[RegionLine]
    data: dict[str, object]
    """What the script needs to tell the figures under the pointer."""
    sentence: str
    """What there is to see, for those who do not see it."""


def region_key(region: str) -> str:
    """The class of a region's color, the same on each page."""
    place = settings.REGIONS.index(region) if region in settings.REGIONS else len(settings.REGIONS)
    return f"r{place % COLORS + 1}"


def response_time_chart(stats: MonitorStats, versions: Sequence[CollectionVersion], zone: tzinfo) -> Chart:
    """Draws the stats of a range. `versions` are those that were added in it."""
    return _Drawing(stats, zone).chart(versions)


class _Drawing:
    def __init__(self, stats: MonitorStats, zone: tzinfo) -> None:
        self._stats, self._zone = stats, zone
        self._span = stats.range.span
        highest = max(
            (
                figures.histogram.p95 or 0
                for region in stats.regions
                for figures in region.buckets
                if figures.histogram
            ),
            default=0,
        )
        self._steps = steps(highest)

    def chart(self, versions: Sequence[CollectionVersion]) -> Chart:
        return Chart(
            bucket_count=len(self._stats.range.buckets),
            y_ticks=[Tick(_number(self._y(step)), step_label(step)) for step in self._steps],
            x_ticks=[
                Tick(_percent(self._x(mark.time)), mark.label, mark.is_day)
                for mark in marks(*self._span, self._zone)
            ],
            outages=self._outages(),
            gaps=self._gaps(),
            deploys=self._deploys(versions[:MAX_DEPLOYS]),
            regions=[self._region(region) for region in self._stats.regions],
            data=self._data(),
            sentence=self._sentence(),
        )

    def _x(self, time: datetime) -> float:
        """In per cent of the range."""
        return 100 * ((time - self._span.start) / self._span.duration)

    def _y(self, milliseconds: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * milliseconds / self._steps[-1]

    def _outages(self) -> list[Box]:
        boxes: list[Box] = []
        words_end = -100.0
        for span in self._merged(self._stats.watch.down):
            start, end = self._x(span.start), self._x(span.end)
            word, word_at, anchor = "", start - 0.5, "end"
            if start < WORD_WIDTH:
                word_at, anchor = end + 0.5, "start"
            if start - words_end > WORD_WIDTH:
                word, words_end = in_words(span.duration.total_seconds(), smallest=60, units=2), end
            boxes.append(self._box(span, word)._replace(word_at=_percent(word_at), anchor=anchor))
        return boxes

    def _deploys(self, versions: Sequence[CollectionVersion]) -> list[Box]:
        """A line for each version, with its number where there is room at its left."""
        boxes = []
        room_from = 0.0
        for version in sorted(versions, key=lambda version: version.number):
            at = self._x(version.created_at)
            word = f"v{version.number}" if at - room_from > WORD_WIDTH / 2 else ""
            room_from = at if word else room_from
            boxes.append(Box(_percent(at), "0", _percent(at), _percent(at), word))
        return boxes

    def _gaps(self) -> list[Box]:
        spans = {reason: self._spans_of(reason) for reason in GapReason}
        boxes = [
            self._box(span, GAP_WORDS[reason] if self._wide(span) else "")
            for reason, found in spans.items()
            for span in found
        ]
        return boxes[:MAX_SHOWN]

    def _spans_of(self, reason: GapReason) -> list[Span]:
        """Where nothing was watched for this reason."""
        unwatched = self._stats.watch.unwatched
        of_reason = union(
            Span(gap.started_at, gap.ended_at) for gap in self._stats.watch.gaps if gap.reason == reason
        )
        parts = [part for span in of_reason for part in clipped(unwatched, *span)]
        return self._merged(parts)

    def _merged(self, spans: Sequence[Span]) -> list[Span]:
        """Without gaps that are too small to be seen."""
        blur = self._span.duration / 1000
        blurred = union(Span(span.start, span.end + blur) for span in spans)
        merged = [Span(span.start, span.end - blur) for span in blurred]
        return merged[-MAX_SHOWN:]

    def _wide(self, span: Span) -> bool:
        return 100 * (span.duration / self._span.duration) > 1.5

    def _box(self, span: Span, word: str) -> Box:
        start, end = self._x(span.start), self._x(span.end)
        width = max(end - start, 0.1)
        return Box(_percent(start), _percent(width), _percent(end), _percent((start + end) / 2), word)

    def _region(self, region: RegionStats) -> RegionLine:
        bands, edges, lines = [], [], []
        for piece in self._pieces(region):
            upper = [f"{_number(x)},{_number(self._y(p95))}" for x, _, p95 in piece]
            lower = [f"{_number(x)},{_number(self._y(p50))}" for x, p50, _ in piece]
            bands.append(" ".join([*upper, *reversed(lower)]))
            edges.append(" ".join(upper))
            lines.append(" ".join(lower))
        figures = region.figures
        return RegionLine(
            region_key(region.region), region.region, figures.histogram.p50, bands, edges, lines
        )

    def _pieces(self, region: RegionStats) -> list[list[tuple[float, int, int]]]:
        """Points of place, p50 and p95, in pieces between which the line is broken."""
        pieces: list[list[tuple[float, int, int]]] = []
        breaks = self._breaks(region.region)
        last_end: datetime | None = None
        for number, (span, figures) in enumerate(zip(self._stats.range.buckets, region.buckets, strict=True)):
            p50, p95 = percentiles(figures)
            if p50 is None or p95 is None:
                continue
            if last_end is None or clipped(breaks, last_end, span.start):
                pieces.append([])
            pieces[-1].append((number + 0.5, p50, p95))
            last_end = span.end
        return [_visible(piece) for piece in pieces]

    def _breaks(self, region: str) -> list[Span]:
        """Outages, and what was not watched in this region."""
        gaps = (gap for gap in self._stats.watch.gaps if gap.region in ("", region))
        return union([*self._stats.watch.down, *(Span(gap.started_at, gap.ended_at) for gap in gaps)])

    def _sentence(self) -> str:
        start, end = (f"{time.astimezone(self._zone):%d %b %Y, %H:%M}" for time in self._span)
        medians = [
            f"{milliseconds_in_words(region.figures.histogram.p50)} in {region.region}"
            for region in self._stats.regions
        ]
        watch = self._stats.watch
        parts = [
            f"Response time from {start} to {end}.",
            f"Median {', '.join(medians)}." if medians else "No run.",
            f"Outages: {len(watch.outages)}, {in_words(watch.down_time.total_seconds())} in all.",
            f"Not watched for {in_words(total(watch.unwatched).total_seconds(), smallest=60)}."
            if watch.unwatched
            else "",
            "The table of figures has the numbers. Arrow keys move the reading.",
        ]
        return " ".join(filter(None, parts))

    def _data(self) -> dict[str, object]:
        chosen = self._stats.range
        return {
            "start": round(chosen.since.timestamp()),
            "step": round(chosen.bucket / timedelta(seconds=1)),
            "top": self._steps[-1],
            "count": len(chosen.buckets),
            "regions": [
                {
                    "key": region_key(region.region),
                    "name": region.region,
                    "buckets": [
                        [*percentiles(figures), figures.runs] if figures.runs else None
                        for figures in region.buckets
                    ],
                }
                for region in self._stats.regions
            ],
        }


def percentiles(figures: Figures) -> tuple[int | None, int | None]:
    """p50 and p95."""
    return figures.histogram.p50, figures.histogram.p95


def _visible(piece: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """A single point becomes a short line."""
    if len(piece) > 1:
        return piece
    [(x, p50, p95)] = piece
    return [(x - 0.35, p50, p95), (x + 0.35, p50, p95)]


def _percent(value: float) -> str:
    return f"{_number(value)}%"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
