from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from monitors import maintenance
from monitors.models import MaintenanceWindow, Monitor
from monitors.models.maintenance import Scope
from workspaces.api import (
    ChoiceField,
    KnownFieldsMixin,
    WorkspaceField,
    WorkspaceModelViewSet,
    WorkspaceScopedRelatedField,
)

COMPUTED = "Without an offset it is UTC. Of a recurring window: the present or next occurrence, computed."


class MaintenanceWindowSerializer(KnownFieldsMixin, serializers.ModelSerializer[MaintenanceWindow]):
    """Either one-off, with `starts_at` and `ends_at`, or recurring, with `cron` and `duration_minutes`."""

    workspace = WorkspaceField()
    scope = ChoiceField(Scope.choices)
    monitors = WorkspaceScopedRelatedField(queryset=Monitor.objects.all(), many=True, required=False)
    starts_at = serializers.DateTimeField(default_timezone=UTC, required=False, help_text=COMPUTED)
    ends_at = serializers.DateTimeField(default_timezone=UTC, required=False, help_text=COMPUTED)
    covers_no_monitor = serializers.SerializerMethodField(
        help_text="True for the tag of no monitor: the window has no effect until a monitor has the tag."
    )

    class Meta:
        model = MaintenanceWindow
        fields = [
            "id",
            "workspace",
            "name",
            "mode",
            "scope",
            "tag",
            "monitors",
            "timezone",
            "starts_at",
            "ends_at",
            "cron",
            "duration_minutes",
            "is_active",
            "covers_no_monitor",
            "created_at",
            "updated_at",
        ]

    def get_covers_no_monitor(self, window: MaintenanceWindow) -> bool:
        return window.scope == Scope.TAG and window.tag not in self.known_tags

    @cached_property
    def known_tags(self) -> dict[str, int]:
        """Asked once for a whole list of windows."""
        tags: dict[str, int] = Monitor.objects.for_workspace(self.context["request"].auth.workspace).tags()
        return tags

    instead = {"is_active": "This field is read-only: use the action end."}

    def create(self, validated_data: dict[str, Any]) -> MaintenanceWindow:
        return self.store(MaintenanceWindow(), validated_data)

    def update(self, instance: MaintenanceWindow, validated_data: dict[str, Any]) -> MaintenanceWindow:
        return self.store(instance, validated_data)

    def store(self, window: MaintenanceWindow, given: dict[str, Any]) -> MaintenanceWindow:
        monitors = given.pop("monitors", [] if window._state.adding else None)
        if given.get("cron", window.cron):
            given = {name: value for name, value in given.items() if name not in ("starts_at", "ends_at")}
        for name, value in given.items():
            setattr(window, name, value)
        try:
            window.clean()
        except ValidationError as problem:
            raise serializers.ValidationError(problem.message_dict)
        if window.scope != Scope.MONITORS:
            monitors = []
        elif monitors == []:
            raise serializers.ValidationError({"monitors": "Choose at least one monitor."})
        maintenance.store(window, monitors)
        return window


class MaintenanceWindowViewSet(WorkspaceModelViewSet[MaintenanceWindow]):
    """Times in which nobody is paged for some monitors, or in which these do not run."""

    queryset = MaintenanceWindow.objects.select_related("workspace").prefetch_related("monitors")
    serializer_class = MaintenanceWindowSerializer

    def perform_destroy(self, instance: MaintenanceWindow) -> None:  # type: ignore[override]
        maintenance.remove(instance)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Ends an active window now; a recurring one comes again as planned."""
        maintenance.end_now(self.get_object())
        return Response(self.get_serializer(self.get_object()).data)
