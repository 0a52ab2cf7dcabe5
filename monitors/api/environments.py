from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from monitors import importing
from monitors.filters import NameFilter
from monitors.models import Environment, EnvironmentVariable
from monitors.models.environments import MAX_VARIABLES
from workspaces.api import ChoiceField, KnownFieldsMixin, WorkspaceField, WorkspaceModelViewSet

VariableRows = list[dict[str, Any]]
"""What was sent for each variable, by the names of the fields of the model."""


@extend_schema_field({"nullable": True, "description": "Any JSON value; scripts get it in its type."})
class ValueField(serializers.Field[object, object, object, EnvironmentVariable]):
    """Any JSON value. A secret is given but never given back."""

    def get_attribute(self, instance: EnvironmentVariable) -> object:
        return instance.value if instance.is_shown else None

    def to_representation(self, value: object) -> object:
        return value

    def to_internal_value(self, data: object) -> object:
        return data


class TypeField(ChoiceField):
    """`secret` for a value that is never shown again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(["default", "secret"], source="is_secret", default=False, **kwargs)

    def to_representation(self, value: object) -> str:
        return "secret" if value else "default"

    def to_internal_value(self, data: Any) -> Any:
        # Postman's older exports say text or any for what is not secret.
        return super().to_internal_value("default" if data in ("text", "any") else data) == "secret"


class VariableSerializer(KnownFieldsMixin, serializers.ModelSerializer[EnvironmentVariable]):
    """Postman's names. The value of a secret reads as null; written as null, the stored value stays.

    As in Postman's CLI and in Newman, `disabled` is what switches a variable off, and not `enabled`.
    """

    value = ValueField(required=False, allow_null=True)
    type = TypeField()
    enabled = serializers.BooleanField(
        source="is_enabled", default=True, help_text="The opposite of `disabled`, which counts."
    )
    disabled = serializers.BooleanField(
        source="is_disabled", default=False, help_text="Runs do not know a variable that is disabled."
    )
    is_set = serializers.SerializerMethodField(help_text="Whether there is a value.")
    is_readable = serializers.BooleanField(
        read_only=True, help_text="False where the encryption key of the stored value is missing."
    )

    class Meta:
        model = EnvironmentVariable
        fields = ["key", "value", "type", "enabled", "disabled", "is_set", "is_readable"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, object]:
        is_disabled = attrs.pop("is_disabled")
        if not attrs["is_enabled"] and not is_disabled:
            raise serializers.ValidationError(
                {"enabled": "Send disabled: true to switch a variable off: enabled alone does not."}
            )
        return attrs | {"is_enabled": not is_disabled}

    def get_is_set(self, variable: EnvironmentVariable) -> bool:
        return not variable.is_readable or variable.value != ""


@extend_schema_field(
    {"type": "object", "description": "An environment as Postman exports it.", "writeOnly": True}
)
class PostmanEnvironmentField(serializers.Field[dict[str, object], object, object, object]):
    def to_internal_value(self, data: object) -> dict[str, object]:
        try:
            return importing.check_environment(data)
        except importing.ImportRefused as problem:
            raise serializers.ValidationError(str(problem))


@extend_schema_field(VariableSerializer(many=True))
class VariablesField(serializers.Field[VariableRows, object, object, object]):
    """The whole list, also when the rest of the environment is only partly given."""

    def to_internal_value(self, data: object) -> VariableRows:
        rows = VariableSerializer(data=data, many=True, max_length=MAX_VARIABLES)  # type: ignore[call-arg]
        rows.is_valid(raise_exception=True)
        validated: VariableRows = rows.validated_data
        return validated

    def to_representation(self, value: Any) -> object:
        return VariableSerializer(value.all(), many=True).data


class EnvironmentSerializer(KnownFieldsMixin, serializers.ModelSerializer[Environment]):
    """Give either Postman's JSON as `environment`, or `name` and `values`."""

    workspace = WorkspaceField()
    name = serializers.CharField(max_length=255, required=False)
    values = VariablesField(source="variables", required=False)
    environment = PostmanEnvironmentField(write_only=True, required=False)

    class Meta:
        model = Environment
        fields = ["id", "workspace", "name", "values", "created_at", "updated_at", "environment"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, object]:
        exported = attrs.pop("environment", None)
        if exported is not None and "variables" in attrs:
            raise serializers.ValidationError({"environment": "Give either environment or values, not both."})
        if exported is not None:
            attrs.setdefault("name", importing.environment_name(exported))
            attrs["variables"] = importing.variables_of(exported)
        elif "variables" in attrs:
            attrs["variables"] = self.with_kept_secrets(attrs["variables"])
            if problem := importing.duplicate_key_problem(attrs["variables"]):
                raise serializers.ValidationError({"values": problem})
        if self.instance is None and "name" not in attrs:
            raise serializers.ValidationError({"name": "This field is required."})
        return attrs

    def with_kept_secrets(self, given: VariableRows) -> list[EnvironmentVariable]:
        """A row without a value takes over the stored one of its key that was not shown."""
        stored: dict[str, list[EnvironmentVariable]] = {}
        for variable in self.instance.variables.all() if self.instance else []:
            if not variable.is_shown:
                stored.setdefault(variable.key, []).append(variable)
        return [
            self.variable(row, stored[row["key"]].pop(0) if stored.get(row["key"]) else None) for row in given
        ]

    def variable(self, row: dict[str, Any], stored: EnvironmentVariable | None) -> EnvironmentVariable:
        variable = EnvironmentVariable(**row)
        if row.get("value") is not None:
            return variable
        if stored is None:
            # No value is an empty text, null is null; a secret never reads as anything but null.
            variable.value = None if "value" in row and not row["is_secret"] else ""
            return variable
        if stored.is_secret and not row["is_secret"]:
            message = (
                f"The value of “{row['key']}” is secret: give its value again to store it as a plain one."
            )
            raise serializers.ValidationError({"values": message})
        variable.take_value_of(stored)
        return variable

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Environment:
        variables = validated_data.pop("variables", [])
        environment = Environment.objects.create(**validated_data)
        environment.replace_variables(variables)
        return environment

    @transaction.atomic
    def update(self, instance: Environment, validated_data: dict[str, Any]) -> Environment:
        variables = validated_data.pop("variables", None)
        instance.name = validated_data.get("name", instance.name)
        instance.save(update_fields=["name", "updated_at"])
        by = self.context["request"].auth
        if variables is None:
            instance.announce("edited", by)
        else:
            instance.replace_variables(variables, by=by)
        return instance


class EnvironmentViewSet(WorkspaceModelViewSet[Environment]):
    """Postman environments; secret values are written and never read."""

    queryset = Environment.objects.select_related("workspace").prefetch_related("variables")
    serializer_class = EnvironmentSerializer
    filterset_class = NameFilter
