"""The form of a host's certificates."""

from typing import ClassVar

from django import forms

from monitors.forms.secrets import SecretForm
from monitors.models import HostCertificate


class CertificateForm(SecretForm[HostCertificate]):
    named_by = "host"
    secrets = ("key", "passphrase")

    class Meta:
        model = HostCertificate
        fields = ("host", "certificate", "key", "passphrase", "authority")
        labels: ClassVar = {
            "certificate": "Client certificate",
            "key": "Private key",
            "passphrase": "Passphrase of the key",
            "authority": "Certificate authority",
        }
        help_texts: ClassVar = {
            "host": "A name, maybe with *. in front and a port behind: *.example.com:8443.",
            "certificate": "In PEM form. The certificates that lead up to the authority may follow.",
            "key": "In PEM form. It is stored encrypted and not shown again.",
            "authority": "In PEM form. Trusted for this host beside the public ones.",
        }
        widgets: ClassVar = {
            "host": forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
            "passphrase": forms.PasswordInput(attrs={"autocomplete": "off"}),
        } | {
            name: forms.Textarea(attrs={"class": "mono", "rows": 6, "spellcheck": "false"})
            for name in ("certificate", "key", "authority")
        }

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"]
        return host.lower()

    def keep_secrets(self, fields: dict[str, object]) -> None:
        """A new key comes with its own passphrase or none; without a certificate there is no key."""
        if not fields.get("certificate") and not fields.get("key"):
            fields["key"] = fields["passphrase"] = ""
        elif not fields.get("key"):
            super().keep_secrets(fields)
