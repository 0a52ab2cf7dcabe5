from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers

from monitors.filters import RunFilter
from monitors.models import Monitor, RequestResult, Result, Run
from workspaces.api import WorkspaceViewSet
from workspaces.pagination import NewestFirst


@extend_schema_field({"type": "string", "enum": Result.values, "nullable": True})
class ResultField(serializers.CharField):
    """Null until the run has finished."""

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class RunSerializer(serializers.ModelSerializer[Run]):
    monitor = serializers.PrimaryKeyRelatedField[Monitor](read_only=True, pk_field=serializers.UUIDField())
    result = ResultField(read_only=True)
    duration_ms = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "monitor",
            "region",
            "type",
            "status",
            "result",
            "summary",
            "scheduled_at",
            "queued_at",
            "started_at",
            "finished_at",
            "duration_ms",
            "request_count",
            "passed_tests",
            "failed_tests",
            "error_count",
            "response_time_ms",
        ]
        read_only_fields = fields


class AssertionSerializer(serializers.Serializer[object]):
    name = serializers.CharField()
    passed = serializers.BooleanField()
    skipped = serializers.BooleanField()
    error = serializers.CharField(allow_null=True, required=False)


class RequestResultSerializer(serializers.ModelSerializer[RequestResult]):
    assertions = AssertionSerializer(many=True, read_only=True)
    script_errors = serializers.ListField(read_only=True)

    class Meta:
        model = RequestResult
        fields = [
            "position",
            "name",
            "folder",
            "method",
            "url",
            "status_code",
            "status_text",
            "response_time_ms",
            "response_size",
            "error_code",
            "error_message",
            "script_errors",
            "assertions",
            "attempt",
            "counts",
        ]
        read_only_fields = fields


class ConsoleLineSerializer(serializers.Serializer[object]):
    at = serializers.CharField()
    level = serializers.CharField()
    text = serializers.CharField()


class RunDetailSerializer(RunSerializer):
    collection_version = serializers.IntegerField(
        source="collection_version.number", read_only=True, allow_null=True, default=None
    )
    requests = RequestResultSerializer(source="request_results", many=True, read_only=True)
    console = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "collection_version", "requests", "console"]
        read_only_fields = fields

    @extend_schema_field(ConsoleLineSerializer(many=True))
    def get_console(self, run: Run) -> list[dict[str, object]]:
        return run.console.lines if hasattr(run, "console") else []


class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet[Run]):
    """Executions of monitors, newest first."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer
    filterset_class = RunFilter
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Run]:
        runs = super().get_queryset()
        if self.action == "retrieve":
            return runs.select_related("collection_version", "console").prefetch_related("request_results")
        return runs

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer
