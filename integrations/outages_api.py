"""The REST API of outages. It is here because an outage shows what integrations were sent about it."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api import IncidentSerializer
from integrations.models import Integration
from integrations.outage_lines import lines_of
from monitors.filters import OutageApiFilter
from monitors.models import Monitor, Outage, OutageNote, Result
from monitors.models.maintenance import MAX_MINUTES
from monitors.models.outages import MAX_NOTE, EndedBecause, TooManyNotes
from monitors.muting import mute
from workspaces.api import Conflict, KnownFieldsMixin, WorkspaceViewSet
from workspaces.pagination import LatestFirst


class OutageSerializer(serializers.ModelSerializer[Outage]):
    """The time in which a monitor failed in at least one of its regions."""

    monitor = serializers.PrimaryKeyRelatedField[Monitor](
        source="kept_monitor",
        read_only=True,
        allow_null=True,
        pk_field=serializers.UUIDField(),
        help_text="Null when it is deleted.",
    )
    monitor_name = serializers.CharField(source="name", read_only=True)
    result = serializers.ChoiceField(
        Result.choices, allow_blank=True, read_only=True, help_text="Of its first run; empty if unknown."
    )
    ended_because = serializers.ChoiceField(
        EndedBecause.choices, allow_blank=True, read_only=True, help_text="Empty while it is open."
    )
    regions = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Outage
        fields = [
            "id",
            "monitor",
            "monitor_name",
            "is_open",
            "started_at",
            "ended_at",
            "ended_because",
            "ended_by",
            "cause",
            "result",
            "regions",
            "failed_runs",
            "first_run",
            "last_run",
            "acknowledged_at",
            "acknowledged_by",
        ]
        read_only_fields = fields


class OutageNoteSerializer(serializers.ModelSerializer[OutageNote]):
    class Meta:
        model = OutageNote
        fields = ["text", "by", "at"]
        read_only_fields = fields


class NotificationSerializer(serializers.Serializer[object]):
    """What one integration was sent about the outage."""

    integration = serializers.PrimaryKeyRelatedField[Integration](
        read_only=True, allow_null=True, pk_field=serializers.UUIDField()
    )
    integration_name = serializers.CharField(source="name", read_only=True)
    provider = serializers.CharField(source="provider.slug", read_only=True)
    notified_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the provider accepted that the outage began."
    )
    closed_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the provider accepted that it is over."
    )
    problem = serializers.CharField(
        read_only=True, help_text="Why the last event was not accepted; empty when it was."
    )


class OutageDetailSerializer(OutageSerializer):
    notes = OutageNoteSerializer(many=True, read_only=True)
    incidents = IncidentSerializer(many=True, read_only=True)
    notifications = serializers.SerializerMethodField(help_text="One for each integration.")

    class Meta(OutageSerializer.Meta):
        fields = [*OutageSerializer.Meta.fields, "notes", "incidents", "notifications"]
        read_only_fields = fields

    @extend_schema_field(NotificationSerializer(many=True))
    def get_notifications(self, outage: Outage) -> object:
        return NotificationSerializer(lines_of([outage])[outage.pk], many=True).data


class NewNoteSerializer(KnownFieldsMixin, serializers.Serializer[object]):
    text = serializers.CharField(max_length=MAX_NOTE)


class MuteSerializer(KnownFieldsMixin, serializers.Serializer[object]):
    minutes = serializers.IntegerField(min_value=1, max_value=MAX_MINUTES)


class MutedSerializer(serializers.Serializer[object]):
    until = serializers.DateTimeField(help_text="Later than asked for if it was muted for longer already.")


class OutageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet[Outage]):
    """Times in which monitors failed: those that began last come first."""

    queryset = Outage.objects.select_related("monitor")
    serializer_class = OutageSerializer
    filterset_class = OutageApiFilter
    pagination_class = LatestFirst

    def get_queryset(self) -> QuerySet[Outage]:
        outages = super().get_queryset()
        return outages if self.action == "list" else outages.prefetch_related("notes", "incidents")

    def get_serializer_class(self) -> type[OutageSerializer]:
        return OutageSerializer if self.action == "list" else OutageDetailSerializer

    def shown(self) -> Response:
        """The outage as it is in the database after an action."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=OutageDetailSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Shows that somebody looks after it. One that has ended, or is acknowledged, is not changed."""
        self.get_object().acknowledge(by=request.auth)
        return self.shown()

    @extend_schema(request=NewNoteSerializer, responses={201: OutageNoteSerializer})
    @action(detail=True, methods=["post"], takes_body=True)
    def note(self, request: Request, pk: str) -> Response:
        """Adds a note."""
        outage = self.get_object()
        given = NewNoteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            note = outage.add_note(given.validated_data["text"], by=request.auth)
        except TooManyNotes as problem:
            raise Conflict(str(problem))
        return Response(OutageNoteSerializer(note).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MuteSerializer, responses=MutedSerializer)
    @action(detail=True, methods=["post"], takes_body=True)
    def mute(self, request: Request, pk: str) -> Response:
        """Pages nobody about its monitor for a while: adds a maintenance window."""
        monitor = self.get_object().kept_monitor
        given = MuteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if monitor is None:
            raise Conflict("The monitor of this outage is deleted: it pages nobody.")
        until = timezone.now() + timedelta(minutes=given.validated_data["minutes"])
        return Response(MutedSerializer({"until": mute(monitor, until, by=request.auth)}).data)

    @extend_schema(request=None, responses=OutageDetailSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Ends it and closes its incidents. The next failed run opens another one."""
        self.get_object().resolve(by=request.auth)
        return self.shown()
