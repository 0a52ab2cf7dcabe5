"""The REST API of integrations and what they sent."""

from typing import Any, ClassVar

from django.db import transaction
from django.forms import Form
from django_filters import ChoiceFilter, TypedChoiceFilter, UUIDFilter
from django_filters.rest_framework import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import duplicates
from integrations.base import ConfigForm, Provider
from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from integrations.models.incidents import ClosedBecause
from integrations.models.integrations import every_failed_result
from integrations.registry import PROVIDERS, get_provider
from monitors.models import Monitor
from workspaces.api import (
    ChoiceField,
    KnownFieldsMixin,
    WorkspaceField,
    WorkspaceModelViewSet,
    WorkspaceScopedRelatedField,
    WorkspaceViewSet,
)
from workspaces.fields import UNREADABLE
from workspaces.pagination import NewestFirst


@extend_schema_field(OpenApiTypes.OBJECT)
class ConfigField(serializers.Field[dict[str, Any], Any, Any, Any]):
    """What the provider needs, such as `integration_key`. Of a secret the last four characters are shown."""

    def get_attribute(self, instance: Integration) -> Any:
        return instance

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("The configuration is an object.")
        return data

    def to_representation(self, value: Any) -> Any:
        return shown(value)


def shown(integration: Integration) -> dict[str, Any]:
    """The configuration with its secrets masked."""
    secret = integration.get_provider().config_form.secret_fields
    return {
        name: f"…{content[-4:]}" if name in secret and content else content
        for name, content in integration.readable_config.items()
    }


class IntegrationSerializer(KnownFieldsMixin, serializers.ModelSerializer[Integration]):
    """Whom a workspace tells, of which monitor (null is all of them), and when."""

    workspace = WorkspaceField()
    monitor = WorkspaceScopedRelatedField(queryset=Monitor.objects.all(), allow_null=True)
    provider = ChoiceField(list(PROVIDERS))
    config = ConfigField()
    failed_results = serializers.ListField(
        child=ChoiceField(every_failed_result()), required=False, allow_empty=False
    )

    class Meta:
        model = Integration
        fields = [
            "id",
            "workspace",
            "name",
            "monitor",
            "provider",
            "config",
            "open_after",
            "close_after",
            "failing_regions",
            "failed_results",
            "close_automatically",
            "remind_every_hours",
            "send_changes",
            "is_paused",
            "is_broken",
            "problem",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["problem"]

    instead = {"is_paused": "Use the actions pause and resume."}
    never_ignored = ("is_paused",)

    def validate_provider(self, provider: str) -> str:
        if self.instance is not None and self.instance.provider != provider:
            raise serializers.ValidationError("The provider stays: add another integration instead.")
        return provider

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        provider = get_provider(attrs["provider"] if self.instance is None else self.instance.provider)
        config = None
        if "config" in attrs:
            config = attrs["config"] = self.checked(provider.config_form, attrs["config"])
        elif self.instance is not None:
            if not self.instance.is_readable:
                raise serializers.ValidationError({"config": f"{UNREADABLE} Send it again."})
            config = self.instance.config
        sends_changes = attrs.get("send_changes", self.instance is not None and self.instance.send_changes)
        if sends_changes and config and (problem := provider.changes_problem(config)):
            raise serializers.ValidationError({"send_changes": problem})
        self.check_for_duplicates(provider, attrs)
        return attrs

    def check_for_duplicates(self, provider: Provider, attrs: dict[str, Any]) -> None:
        stored = self.instance
        workspace = attrs["workspace"] if stored is None else stored.workspace
        monitor = attrs.get("monitor", stored.monitor if stored else None)
        config: dict[str, Any] = attrs.get("config", stored.readable_config if stored else {})
        if problem := duplicates.problem(provider, workspace, monitor, config, stored=stored):
            raise serializers.ValidationError({"config": problem})

    def checked(self, form_class: type[ConfigForm], config: dict[str, Any]) -> dict[str, Any]:
        """The configuration as the provider's form cleans it; what is left out of a change stays."""
        current: dict[str, Any] = {}
        if self.instance is not None:
            current = self.instance.readable_config
            # What was read may be written back: a secret that is masked as it was shown stays as it is.
            unchanged = shown(self.instance).items()
            config = {name: value for name, value in config.items() if (name, value) not in unchanged}
        form = form_class(config, current=current)
        unknown = sorted(set(config) - set(form.fields))
        if unknown:
            known = ", ".join(form.fields)
            raise serializers.ValidationError(
                {"config": dict.fromkeys(unknown, f"There is no such field. Known: {known}.")}
            )
        form.data = {name: value for name, value in current.items() if name in form.fields} | config
        if not form.is_valid():
            raise serializers.ValidationError({"config": sentences_of(form)})
        return dict(form.cleaned_data)

    def update(self, instance: Integration, validated_data: dict[str, Any]) -> Integration:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.change()
        return instance


def sentences_of(form: Form) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


class PauseSerializer(KnownFieldsMixin, serializers.Serializer[Any]):
    close_incidents = serializers.BooleanField(
        default=True, help_text="Whether open incidents are resolved now or when their monitors recover."
    )


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event: what was sent, what the provider answered, when it is tried again."""

    class Meta:
        model = Delivery
        fields = [
            "id",
            "action",
            "status",
            "monitor",
            "run",
            "incident",
            "attempts",
            "created_at",
            "last_attempt_at",
            "next_attempt_at",
            "finished_at",
            "response_status",
            "response_text",
        ]
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """One outage of a monitor, as one integration was told of it."""

    closed_because = serializers.ChoiceField(
        ClosedBecause.choices, allow_blank=True, read_only=True, help_text="Empty while it is open."
    )

    class Meta:
        model = Incident
        fields = [
            "id",
            "integration",
            "monitor",
            "summary",
            "is_open",
            "opened_at",
            "closed_at",
            "closed_because",
            "failed_runs",
            "first_run",
            "last_run",
            "dedup_key",
        ]
        read_only_fields = fields


class IntegrationFilter(FilterSet):
    monitor = UUIDFilter(field_name="monitor_id")
    provider = ChoiceFilter(choices=[(slug, slug) for slug in PROVIDERS])

    class Meta:
        model = Integration
        fields = ["monitor", "provider"]


class IntegrationViewSet(WorkspaceModelViewSet[Integration]):
    """Destinations that are told when monitors fail and recover."""

    queryset = Integration.objects.select_related("workspace")
    serializer_class = IntegrationSerializer
    filterset_class = IntegrationFilter

    # One transaction for the check that nobody is notified twice and for what is saved after it.
    @transaction.atomic
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().create(request, *args, **kwargs)

    @transaction.atomic
    def update(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().update(request, *args, **kwargs)

    @extend_schema(request=PauseSerializer, responses=IntegrationSerializer)
    @action(detail=True, methods=["post"], takes_body=True)
    def pause(self, request: Request, pk: str) -> Response:
        """Pages nobody until the integration is resumed."""
        serializer = PauseSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        integration: Integration = self.get_object()
        integration.pause(close_incidents=serializer.validated_data["close_incidents"])
        return Response(self.get_serializer(integration).data)

    @extend_schema(request=None, responses=IntegrationSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Pages again, from the next failing run on."""
        integration: Integration = self.get_object()
        integration.resume()
        return Response(self.get_serializer(integration).data)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Sends a test event, which resolves itself."""
        delivery = self.get_object().send_test()
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        parameters=[OpenApiParameter("status", enum=DeliveryStatus.values)],
        responses=DeliverySerializer(many=True),
        filters=False,
    )
    @action(
        detail=True,
        pagination_class=NewestFirst,
        filterset_class=None,
        parameters=("status", "cursor", "page_size"),
    )
    def deliveries(self, request: Request, pk: str) -> Response:
        """The run log, newest first."""
        deliveries = self.get_object().deliveries.order_by("-id")
        if (status := request.query_params.get("status")) is not None:
            if status not in DeliveryStatus.values:
                known = ", ".join(DeliveryStatus.values)
                raise serializers.ValidationError({"status": f"Choose one of: {known}."})
            deliveries = deliveries.filter(status=status)
        return self.page_of(deliveries, DeliverySerializer)


@extend_schema_field(OpenApiTypes.BOOL)
class YesOrNoFilter(TypedChoiceFilter):
    """True or false; a BooleanFilter would pass over anything else in silence."""

    words: ClassVar = {"true": True, "True": True, "1": True, "false": False, "False": False, "0": False}

    def __init__(self, **kwargs: Any) -> None:
        wrong = {"invalid_choice": "Give true or false."}
        choices = [(word, word) for word in self.words]
        super().__init__(choices=choices, coerce=self.words.get, error_messages=wrong, **kwargs)  # type: ignore[no-untyped-call]


class IncidentFilter(FilterSet):
    monitor = UUIDFilter(field_name="monitor_id")
    integration = UUIDFilter(field_name="integration_id")
    open = YesOrNoFilter(field_name="closed_at", lookup_expr="isnull")

    class Meta:
        model = Incident
        fields = ["monitor", "integration", "open"]


class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet[Incident]):
    """Outages that integrations were told of, newest first."""

    queryset = Incident.objects.outages().order_by("-opened_at")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Closes the incident by hand; one that is closed already stays as it is."""
        incident: Incident = self.get_object()
        incident.close(ClosedBecause.BY_HAND)
        return Response(self.get_serializer(incident).data)
