"""The stats of a monitor in the API."""

from datetime import datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from monitors.figures import Figures
from monitors.models import Gap, Outage
from monitors.models.gaps import GapReason
from monitors.stats import MonitorStats, RegionStats
from monitors.stats.ranges import DEFAULT_NAME, NAMED, TimeRange, named_range, range_between
from workspaces.api import ChoiceField

PARAMETERS = [
    OpenApiParameter(
        "range",
        OpenApiTypes.STR,
        enum=list(NAMED),
        default=DEFAULT_NAME,
        description="A range that ends now.",
    ),
    OpenApiParameter(
        "since",
        OpenApiTypes.DATETIME,
        description="Where another range begins. It cannot be given with `range`.",
    ),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Where it ends, now by default."),
]


class RangeSerializer(serializers.Serializer[object]):
    """The parameters of the URL."""

    range = ChoiceField([(name, name) for name in NAMED], required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


def range_of(request: Request, now: datetime) -> TimeRange:
    """The range that a request asks for. Raises ValidationError."""
    query = RangeSerializer(data=request.query_params)
    query.is_valid(raise_exception=True)
    name, since, until = (query.validated_data.get(field) for field in ("range", "since", "until"))
    if since is None and until is None:
        return named_range(name or DEFAULT_NAME, now)
    if name:
        raise ValidationError({"range": ["Give either range, or since and until."]})
    if since is None:
        raise ValidationError({"since": ["Give it with until."]})
    try:
        return range_between(since, until or now, now)
    except ValueError as problem:
        raise ValidationError({"since": [str(problem)]})


class FiguresSerializer(serializers.Serializer[object]):
    """Runs, and the response times of the good ones. Each is the mean of a run's requests."""

    runs = serializers.IntegerField()
    failures = serializers.IntegerField(help_text="Runs with a failure, an error or an abort.")
    p50_ms = serializers.IntegerField(
        allow_null=True, help_text="Within five per cent; null without a good run."
    )
    p95_ms = serializers.IntegerField(
        allow_null=True, help_text="Within five per cent; null without a good run."
    )


class BucketSerializer(FiguresSerializer):
    start = serializers.DateTimeField()


class RegionStatsSerializer(FiguresSerializer):
    region = serializers.CharField()
    series = BucketSerializer(many=True, help_text="Buckets without a run are left out.")


class OutageSpanSerializer(serializers.ModelSerializer[Outage]):
    class Meta:
        model = Outage
        fields = ["id", "started_at", "ended_at"]
        read_only_fields = fields


class GapSerializer(serializers.ModelSerializer[Gap]):
    """A span in which a region was not watched. One that lasts ends now."""

    region = serializers.CharField(allow_null=True, help_text="Null for all regions.")
    reason = ChoiceField(GapReason.choices, read_only=True)

    class Meta:
        model = Gap
        fields = ["region", "reason", "started_at", "ended_at"]
        read_only_fields = fields

    def to_representation(self, gap: Gap) -> dict[str, object]:
        shown = super().to_representation(gap)
        return shown | {"region": gap.region or None}


class StatsSerializer(FiguresSerializer):
    since = serializers.DateTimeField(help_text="The range in whole buckets.")
    until = serializers.DateTimeField()
    bucket_seconds = serializers.IntegerField()
    uptime = serializers.FloatField(
        allow_null=True,
        help_text="The share of the watched time without an outage, from 0 to 1. Null when none was watched.",
    )
    watched_seconds = serializers.IntegerField()
    down_seconds = serializers.IntegerField()
    regions = RegionStatsSerializer(many=True)
    outages = OutageSpanSerializer(many=True)
    gaps = GapSerializer(many=True)


def stats_body(stats: MonitorStats) -> dict[str, object]:
    """The stats as `StatsSerializer` documents them."""
    watch = stats.watch
    return _figures_body(stats.figures) | {
        "since": stats.range.since,
        "until": stats.range.until,
        "bucket_seconds": round(stats.range.bucket.total_seconds()),
        "uptime": watch.uptime,
        "watched_seconds": round(watch.watched_time.total_seconds()),
        "down_seconds": round(watch.down_time.total_seconds()),
        "regions": [_region_body(region, stats.range) for region in stats.regions],
        "outages": OutageSpanSerializer(watch.outages, many=True).data,
        "gaps": GapSerializer(watch.gaps, many=True).data,
    }


def _figures_body(figures: Figures) -> dict[str, object]:
    return {
        "runs": figures.runs,
        "failures": figures.failures,
        "p50_ms": figures.histogram.p50,
        "p95_ms": figures.histogram.p95,
    }


def _region_body(region: RegionStats, chosen: TimeRange) -> dict[str, object]:
    series = [
        _figures_body(figures) | {"start": span.start}
        for span, figures in zip(chosen.buckets, region.buckets, strict=True)
        if figures.runs
    ]
    return _figures_body(region.figures) | {"region": region.region, "series": series}
