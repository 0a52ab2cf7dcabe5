from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from monitors.models import HostCertificate, VaultSecret
from workspaces.api import KnownFieldsMixin, WorkspaceField, WorkspaceModelViewSet

TEXTS = ("certificate", "key", "passphrase", "authority")


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


class CertificateSerializer(KnownFieldsMixin, serializers.ModelSerializer[HostCertificate]):
    """`key` and `passphrase` are written and never given back; left out, the stored ones stay."""

    workspace = WorkspaceField()
    has_key = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField(help_text="Of the client certificate.")
    issuer = serializers.SerializerMethodField(help_text="Of the client certificate.")
    expires_at = serializers.SerializerMethodField(help_text="Of the client certificate.")

    class Meta:
        model = HostCertificate
        fields = [
            "id",
            "workspace",
            "host",
            "certificate",
            "key",
            "passphrase",
            "authority",
            "has_key",
            "subject",
            "issuer",
            "expires_at",
            "created_at",
            "updated_at",
        ]
        extra_kwargs = {"key": {"write_only": True}, "passphrase": {"write_only": True}}
        validators = [
            UniqueTogetherValidator(
                HostCertificate.objects.all(),
                ["workspace", "host"],
                "There are certificates for this host already.",
            )
        ]

    def get_has_key(self, row: HostCertificate) -> bool:
        return bool(row.key)

    def get_subject(self, row: HostCertificate) -> str | None:
        return row.facts.subject if row.facts else None

    def get_issuer(self, row: HostCertificate) -> str | None:
        return row.facts.issuer if row.facts else None

    def get_expires_at(self, row: HostCertificate) -> datetime | None:
        return row.facts.expires_at if row.facts else None

    def validate_host(self, host: str) -> str:
        return host.lower()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("key"):
            attrs.setdefault("passphrase", "")
        elif attrs.get("certificate") == "":
            attrs |= {"key": "", "passphrase": ""}
        stored = {name: getattr(self.instance, name) for name in ("host", *TEXTS)} if self.instance else {}
        try:
            HostCertificate(**stored | attrs).clean()
        except ValidationError as problem:
            raise serializers.ValidationError(problem.message_dict)
        return attrs


class VaultSecretViewSet(WorkspaceModelViewSet):
    """Secrets that scripts read with `pm.vault` and requests with `{{vault:key}}`."""

    queryset = VaultSecret.objects.select_related("workspace")
    serializer_class = VaultSecretSerializer


class CertificateViewSet(WorkspaceModelViewSet):
    """Client certificates and authorities of single hosts, as PEM text."""

    queryset = HostCertificate.objects.select_related("workspace")
    serializer_class = CertificateSerializer
