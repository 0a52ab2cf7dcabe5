from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from monitors.certificates import CertificateFacts
from monitors.models import HostCertificate
from workspaces.api import KnownFieldsMixin, WorkspaceField, WorkspaceModelViewSet
from workspaces.fields import UNREADABLE, clear_unreadable, is_readable

TEXTS = ("certificate", "key", "passphrase", "authority")


class CertificateSerializer(KnownFieldsMixin, serializers.ModelSerializer[HostCertificate]):
    """`key` and `passphrase` are written and never given back; left out, the stored ones stay."""

    workspace = WorkspaceField()
    has_key = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField(help_text="Of the client certificate.")
    issuer = serializers.SerializerMethodField(help_text="Of the client certificate.")
    expires_at = serializers.SerializerMethodField(help_text="Of the client certificate.")
    is_readable = serializers.BooleanField(
        read_only=True, help_text="False where an encryption key is missing: send the texts again."
    )

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
            "is_readable",
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

    def to_representation(self, instance: HostCertificate) -> dict[str, object]:
        is_readable = instance.is_readable
        clear_unreadable(instance)
        return super().to_representation(instance) | {"is_readable": is_readable}

    def get_has_key(self, row: HostCertificate) -> bool:
        return is_readable(row, "key") and bool(row.key)

    def get_subject(self, row: HostCertificate) -> str | None:
        return facts.subject if (facts := readable_facts(row)) else None

    def get_issuer(self, row: HostCertificate) -> str | None:
        return facts.issuer if (facts := readable_facts(row)) else None

    def get_expires_at(self, row: HostCertificate) -> datetime | None:
        return facts.expires_at if (facts := readable_facts(row)) else None

    def validate_host(self, host: str) -> str:
        return host.lower()

    def validate(self, attrs: dict[str, Any]) -> dict[str, object]:
        if attrs.get("key"):
            attrs.setdefault("passphrase", "")
        elif attrs.get("certificate") == "":
            attrs |= {"key": "", "passphrase": ""}
        if missing := [name for name in TEXTS if name not in attrs and self.is_lost(name)]:
            raise serializers.ValidationError(dict.fromkeys(missing, f"{UNREADABLE} Send it again."))
        kept = [name for name in ("host", *TEXTS) if self.instance and name not in attrs]
        stored = {name: getattr(self.instance, name) for name in kept}
        try:
            HostCertificate(**stored | attrs).clean()
        except ValidationError as problem:
            raise serializers.ValidationError(problem.message_dict)
        return attrs

    def is_lost(self, name: str) -> bool:
        return self.instance is not None and not is_readable(self.instance, name)


def readable_facts(row: HostCertificate) -> CertificateFacts | None:
    return row.facts if is_readable(row, "certificate") else None


class CertificateViewSet(WorkspaceModelViewSet[HostCertificate]):
    """Client certificates and authorities of single hosts, as PEM text."""

    queryset = HostCertificate.objects.select_related("workspace")
    serializer_class = CertificateSerializer
