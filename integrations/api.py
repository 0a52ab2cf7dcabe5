"""The REST API of integrations and what they sent."""

from django.db import transaction
from django.forms import Form
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from integrations import duplicates
from integrations.base import ConfigForm, JsonObject, Provider
from integrations.filters import DeliveryFilter, IncidentFilter, IntegrationFilter
from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from integrations.models.incidents import ClosedBecause
from integrations.models.integrations import POLICY_FIELDS, every_failed_result
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
class ConfigField(serializers.Field[JsonObject, object, JsonObject, Integration]):
    """What the provider needs, such as `integration_key`. Secrets are shown as their last four characters."""

    def get_attribute(self, instance: Integration) -> JsonObject:
        return masked_config(instance)

    def to_internal_value(self, data: object) -> JsonObject:
        if not isinstance(data, dict):
            raise serializers.ValidationError("The configuration must be an object.")
        return data

    def to_representation(self, value: JsonObject) -> JsonObject:
        return value


def masked_config(integration: Integration) -> JsonObject:
    """The configuration with its secrets masked."""
    secret = integration.get_provider().config_form.secret_fields
    return {
        name: f"…{content[-4:]}" if name in secret and content else content
        for name, content in integration.readable_config.items()
    }


class IntegrationSerializer(KnownFieldsMixin, serializers.ModelSerializer[Integration]):
    """Whom a workspace notifies of which monitor (null: of all), and when."""

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
            *POLICY_FIELDS,
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
            raise serializers.ValidationError("The provider cannot be changed; add a new integration.")
        return provider

    def validate(self, attrs: JsonObject) -> JsonObject:
        provider = get_provider(attrs["provider"] if self.instance is None else self.instance.provider)
        config = None
        if "config" in attrs:
            config = attrs["config"] = self.clean_config(provider.config_form, attrs["config"])
        elif self.instance is not None:
            if not self.instance.is_readable:
                raise serializers.ValidationError({"config": f"{UNREADABLE} Send it again."})
            config = self.instance.config
        sends_changes = attrs.get("send_changes", self.instance is not None and self.instance.send_changes)
        if sends_changes and config and (problem := provider.changes_problem(config)):
            raise serializers.ValidationError({"send_changes": problem})
        self.check_for_duplicates(provider, attrs)
        return attrs

    def check_for_duplicates(self, provider: Provider, attrs: JsonObject) -> None:
        stored = self.instance
        workspace = attrs["workspace"] if stored is None else stored.workspace
        monitor = attrs.get("monitor", stored.monitor if stored else None)
        config: JsonObject = attrs.get("config", stored.readable_config if stored else {})
        if problem := duplicates.problem(provider, workspace, monitor, config, stored=stored):
            raise serializers.ValidationError({"config": problem})

    def clean_config(self, form_class: type[ConfigForm], config: JsonObject) -> JsonObject:
        """The configuration as the provider's form cleans it. A field that is left out keeps its value."""
        current: JsonObject = {}
        if self.instance is not None:
            current = self.instance.readable_config
            # Clients may send back what they read: a masked secret keeps its value.
            unchanged = masked_config(self.instance).items()
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
            raise serializers.ValidationError({"config": error_messages(form)})
        return dict(form.cleaned_data)

    def update(self, instance: Integration, validated_data: JsonObject) -> Integration:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.change()
        return instance


def error_messages(form: Form) -> dict[str, list[str]]:
    """The form's errors by field, as plain text."""
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


class PauseSerializer(KnownFieldsMixin, serializers.Serializer[object]):
    close_incidents = serializers.BooleanField(
        default=True, help_text="True resolves open incidents now, false when their monitors recover."
    )


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event for a provider, with its attempts and the provider's last response."""

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
    """One outage of a monitor, as one integration was notified of it."""

    closed_because = serializers.ChoiceField(
        ClosedBecause.choices, allow_blank=True, read_only=True, help_text="Empty while it is open."
    )

    class Meta:
        model = Incident
        fields = [
            "id",
            "integration",
            "monitor",
            "outage",
            "kind",
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


class IntegrationViewSet(WorkspaceModelViewSet[Integration]):
    """Destinations that are notified when monitors fail and recover."""

    queryset = Integration.objects.select_related("workspace")
    serializer_class = IntegrationSerializer
    filterset_class = IntegrationFilter

    # The check for duplicates and the save are one transaction.
    @transaction.atomic
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().create(request, *args, **kwargs)

    @transaction.atomic
    def update(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().update(request, *args, **kwargs)

    @extend_schema(request=PauseSerializer, responses=IntegrationSerializer)
    @action(detail=True, methods=["post"], takes_body=True)
    def pause(self, request: Request, pk: str) -> Response:
        """Notifies nobody until the integration is resumed."""
        serializer = PauseSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        integration: Integration = self.get_object()
        integration.pause(close_incidents=serializer.validated_data["close_incidents"])
        return Response(self.get_serializer(integration).data)

    @extend_schema(request=None, responses=IntegrationSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Notifies people again, from the next run on."""
        integration: Integration = self.get_object()
        integration.resume()
        return Response(self.get_serializer(integration).data)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Sends a test event. The incident that it opens resolves itself."""
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
        filterset = DeliveryFilter(request.query_params, deliveries)  # type: ignore[no-untyped-call]
        if not filterset.is_valid():  # type: ignore[no-untyped-call]
            raise translate_validation(filterset.errors)
        return self.page_of(filterset.qs, DeliverySerializer)


class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WorkspaceViewSet[Incident]):
    """Outages that integrations were notified of, newest first."""

    queryset = Incident.objects.without_tests().order_by("-opened_at")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Closes the incident. An incident that is already closed is not changed."""
        incident: Incident = self.get_object()
        incident.close(ClosedBecause.BY_HAND)
        return Response(self.get_serializer(incident).data)
