from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from monitors.api.run_events import EventStreamRenderer, stream_of
from monitors.api.run_parts import (
    ComparedRequestSerializer,
    ConsoleLineSerializer,
    ExchangeSerializer,
    RequestResultSerializer,
)
from monitors.comparison import compared, run_to_compare
from monitors.filters import RunFilter
from monitors.models import Exchange, Monitor, Result, Run
from workspaces.api import Conflict, WorkspaceViewSet
from workspaces.authentication import HasEditorsKey
from workspaces.models import Role
from workspaces.pagination import NewestFirst


class ResultField(serializers.ChoiceField):
    """Null until the run has finished."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Result.choices, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return value or None


class RunSerializer(serializers.ModelSerializer[Run]):
    monitor = serializers.PrimaryKeyRelatedField[Monitor](read_only=True, pk_field=serializers.UUIDField())
    result = ResultField(read_only=True)
    duration_ms = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "number",
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


class RunDetailSerializer(RunSerializer):
    collection_version = serializers.IntegerField(
        source="collection_version.number", read_only=True, allow_null=True, default=None
    )
    requests = RequestResultSerializer(source="detail.requests", many=True, read_only=True)
    console = ConsoleLineSerializer(source="detail.console", many=True, read_only=True)

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "collection_version", "requests", "console"]
        read_only_fields = fields


class ExchangesSerializer(serializers.Serializer[object]):
    results = ExchangeSerializer(many=True)


class ComparisonSerializer(serializers.Serializer[object]):
    run = RunSerializer()
    other = RunSerializer()
    requests = ComparedRequestSerializer(many=True)


class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet[Run]):
    """Executions of monitors, newest first."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer
    filterset_class = RunFilter
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Run]:
        runs = super().get_queryset()
        if self.action == "retrieve":
            return runs.select_related("collection_version", "stored_detail")
        return runs

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunDetailSerializer if self.action == "retrieve" else RunSerializer

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Ends a run that waits or is executed. A canceled run notifies nobody."""
        run = self.get_object()
        if not run.cancel(by=self.key()):
            raise Conflict("This run is over already.")
        return Response(RunSerializer(run).data)

    @extend_schema(responses=ExchangesSerializer, filters=False)
    @action(detail=True, permission_classes=[HasEditorsKey])
    def exchanges(self, request: Request, pk: str) -> Response:
        """Requests and responses with headers and bodies: of requests that failed, and of the last good run.

        Needs a key with the role editor.
        """
        stored = Exchange.objects.filter(run=self.get_object()).order_by("position")
        return Response(ExchangesSerializer({"results": stored}).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("with", str, description="The number of another run, or `good`, the default.")
        ],
        responses=ComparisonSerializer,
        filters=False,
    )
    @action(detail=True, parameters=("with",))
    def comparison(self, request: Request, pk: str) -> Response:
        """The run beside the last good one, or any other run of its monitor.

        Response headers and bodies are compared where they are kept of both, for keys with the role editor.
        """
        run = self.get_object()
        other = run_to_compare(run, request.query_params.get("with", "good"))
        if other is None:
            raise NotFound("This monitor has no such run to compare with.")
        requests = compared(run, other, with_exchanges=self.key().allows(Role.EDITOR))
        return Response(ComparisonSerializer({"run": run, "other": other, "requests": requests}).data)

    @extend_schema(
        parameters=[OpenApiParameter("format", exclude=True)],
        responses={(200, "text/event-stream"): str},
        filters=False,
    )
    @action(detail=True, renderer_classes=[JSONRenderer, EventStreamRenderer])
    def events(self, request: Request, pk: str) -> StreamingHttpResponse:
        """Server-sent events: `request` for each request as it ends, and `finished` with the run.

        When the run is over, all requests are sent once more before `finished`, in full and with those that
        were not sent: replace what came before by `position`. A stream ends after a minute. Clients connect
        again by themselves, and get all requests again. A workspace may have two streams open.
        """
        return stream_of(self.get_object())
