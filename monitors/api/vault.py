from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from monitors.models import VaultSecret
from workspaces.api import KnownFieldsMixin, WorkspaceField, WorkspaceModelViewSet


class VaultSecretSerializer(KnownFieldsMixin, serializers.ModelSerializer[VaultSecret]):
    """`value` is written and never given back."""

    workspace = WorkspaceField()

    class Meta:
        model = VaultSecret
        fields = ["id", "workspace", "key", "value", "created_at", "updated_at"]
        extra_kwargs = {"value": {"write_only": True}}
        validators = [
            UniqueTogetherValidator(
                VaultSecret.objects.all(), ["workspace", "key"], "There is a secret with this key already."
            )
        ]


class VaultSecretViewSet(WorkspaceModelViewSet[VaultSecret]):
    """Secrets that scripts read with `pm.vault` and requests with `{{vault:key}}`."""

    queryset = VaultSecret.objects.select_related("workspace")
    serializer_class = VaultSecretSerializer
