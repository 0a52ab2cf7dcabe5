from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from monitors import cron, lateness
from monitors.api.runs import RunSerializer
from monitors.api.stats import PARAMETERS, StatsSerializer, range_of, stats_body
from monitors.duplicating import copy_of
from monitors.filters import MonitorFilter
from monitors.manual_runs import TooManyRuns, run_now
from monitors.models import Collection, Environment, Monitor, RegionStatus
from monitors.models.monitor_states import MonitorState
from monitors.models.run_options import RUN_OPTIONS
from monitors.stats import monitor_stats
from monitors.tags import clean_tags
from workspaces.api import (
    ChoiceField,
    KnownFieldsMixin,
    TooManyRequests,
    WorkspaceField,
    WorkspaceModelViewSet,
    WorkspaceScopedRelatedField,
)


class ScheduleSerializer(KnownFieldsMixin, serializers.ModelSerializer[Monitor]):
    """Five cron fields, read in a time zone, and the second of the minute at which runs start."""

    class Meta:
        model = Monitor
        fields = ["cron", "timezone", "second"]

    def validate_timezone(self, name: str) -> str:
        try:
            cron.time_zone(name)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem))
        return name

    def validate_cron(self, expression: str) -> str:
        try:
            cron.next_times(expression, "UTC", timezone.now())
        except ValueError as problem:
            raise serializers.ValidationError(str(problem))
        return expression


class OptionsSerializer(KnownFieldsMixin, serializers.ModelSerializer[Monitor]):
    """How a run sends its requests."""

    class Meta:
        model = Monitor
        fields = [*RUN_OPTIONS]


class LateRegionSerializer(serializers.ModelSerializer[RegionStatus]):
    """A region that should have had a run since."""

    class Meta:
        model = RegionStatus
        fields = ["region", "since"]
        read_only_fields = fields


class MonitorSerializer(KnownFieldsMixin, serializers.ModelSerializer[Monitor]):
    """A collection, maybe an environment, a schedule, options."""

    workspace = WorkspaceField()
    collection = WorkspaceScopedRelatedField(queryset=Collection.objects.all())
    environment = WorkspaceScopedRelatedField(
        queryset=Environment.objects.all(), required=False, allow_null=True
    )
    schedule = ScheduleSerializer(source="*", required=False)
    options = OptionsSerializer(source="*", required=False)
    regions = serializers.ListField(child=ChoiceField(settings.REGIONS), required=False, allow_empty=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    is_paused = serializers.BooleanField(
        required=False,
        help_text="Give true to create a monitor that does not run; any other one runs once as soon as it is "
        "created, and then by its schedule. Afterwards use the actions pause and resume.",
    )
    last_run = RunSerializer(read_only=True, allow_null=True)
    state = ChoiceField(MonitorState.choices, read_only=True)
    late_regions = LateRegionSerializer(many=True, read_only=True)

    class Meta:
        model = Monitor
        fields = [
            "id",
            "workspace",
            "name",
            "collection",
            "environment",
            "tags",
            "schedule",
            "options",
            "regions",
            "is_paused",
            "state",
            "late_regions",
            "next_run_at",
            "failing_since",
            "consecutive_failures",
            "last_run",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["next_run_at", "failing_since", "consecutive_failures"]

    instead = {"last_run": "This field is read-only: use the action run."}

    def validate_regions(self, regions: list[str]) -> list[str]:
        return list(dict.fromkeys(regions))

    def validate_tags(self, tags: list[str]) -> list[str]:
        try:
            return clean_tags(tags)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem))

    def validate_is_paused(self, is_paused: bool) -> bool:
        if self.instance is not None and self.instance.is_paused != is_paused:
            raise serializers.ValidationError("Use the actions pause and resume.")
        return is_paused

    @transaction.atomic
    def create(self, validated_data: dict[str, object]) -> Monitor:
        """As on pages, the first run does not wait for the schedule: it shows at once whether all is well."""
        is_paused = validated_data.pop("is_paused", False)
        monitor: Monitor = super().create(validated_data)
        if is_paused:
            monitor.pause()
        else:
            monitor.run_now()
        return monitor

    def update(self, instance: Monitor, validated_data: dict[str, object]) -> Monitor:
        """Saves what was given and nothing else: a run or a pause in between is not undone."""
        validated_data.pop("is_paused", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save(update_fields=[*validated_data, "updated_at"])
        if set(ScheduleSerializer.Meta.fields) & validated_data.keys():
            instance.reschedule()
        instance.announce("edited", by=self.context["request"].auth)
        return instance


class DuplicateSerializer(KnownFieldsMixin, serializers.Serializer[object]):
    name = serializers.CharField(
        required=False, max_length=255, help_text="The name of the copy. Left out, “(copy)” follows the name."
    )


class QueuedRunsSerializer(serializers.Serializer[object]):
    results = RunSerializer(many=True)


class MonitorViewSet(WorkspaceModelViewSet[Monitor]):
    """Collections that run on a schedule."""

    queryset = Monitor.objects.select_related("workspace", "last_run")
    serializer_class = MonitorSerializer
    filterset_class = MonitorFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        return lateness.with_late_regions(super().paginate_queryset(queryset) or [])

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Stops the schedule until the monitor is resumed; nothing else resumes it."""
        monitor: Monitor = self.get_object()
        monitor.pause(by=request.auth)
        return Response(self.get_serializer(monitor).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Follows the schedule again."""
        monitor: Monitor = self.get_object()
        monitor.resume(by=request.auth)
        return Response(self.get_serializer(monitor).data)

    @extend_schema(request=DuplicateSerializer, responses={201: MonitorSerializer})
    @action(detail=True, methods=["post"], takes_body=True)
    @transaction.atomic
    def duplicate(self, request: Request, pk: str) -> Response:
        """Creates a monitor with the same settings. It runs at once, unless the original is paused."""
        serializer = DuplicateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        original: Monitor = self.get_object()
        monitor = copy_of(original)
        monitor.name = serializer.validated_data.get("name", monitor.name)
        monitor.save()
        if original.is_paused:
            monitor.pause(by=request.auth)
        else:
            monitor.run_now()
        return Response(self.get_serializer(monitor).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={202: QueuedRunsSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: str) -> Response:
        """Queues one run for each region, beside the schedule and also while the monitor is paused."""
        try:
            queued = {"results": run_now(self.get_object())}
        except TooManyRuns as problem:
            raise TooManyRequests(str(problem))
        return Response(QueuedRunsSerializer(queued).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(parameters=PARAMETERS, responses=StatsSerializer)
    @action(detail=True, parameters=("range", "since", "until"))
    def stats(self, request: Request, pk: str) -> Response:
        """Uptime, percentiles of the response time, outages, gaps and series of a range."""
        now = timezone.now()
        return Response(stats_body(monitor_stats(self.get_object(), range_of(request, now), now)))
