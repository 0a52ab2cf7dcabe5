"""The forms of vault secrets and host certificates. What is secret is written and never shown again."""

from typing import Any, ClassVar

from django import forms

from monitors.models import HostCertificate, VaultSecret
from workspaces.fields import clear_unreadable
from workspaces.models import Workspace

UNREADABLE = "The stored value cannot be read, because its encryption key is missing. Enter it again."
KEPT = "Stored and not shown again. Leave it empty to keep it."


class AccessForm(forms.ModelForm):
    """`named_by` is the field that tells the workspace's rows apart; `secrets` are kept when left empty."""

    named_by: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        unreadable = clear_unreadable(instance) if instance else set()
        super().__init__(*args, **kwargs)
        for name in unreadable & set(self.fields):
            self.fields[name].help_text = UNREADABLE
        self.instance.workspace = workspace
        self.stored = {name: getattr(self.instance, name) for name in self.secrets}
        for name in self.secrets:
            self.initial[name] = ""
            if self.stored[name]:
                self.fields[name].required = False
                self.fields[name].help_text = KEPT

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or self.cleaned_data
        name = fields.get(self.named_by, "")
        others = (
            type(self.instance).objects.for_workspace(self.instance.workspace).exclude(pk=self.instance.pk)
        )
        if others.filter(**{self.named_by: name}).exists():
            self.add_error(self.named_by, f"There is one for {name} already. Change that one.")
        self.keep_secrets(fields)
        return fields

    def keep_secrets(self, fields: dict[str, Any]) -> None:
        for name in self.secrets:
            fields[name] = fields.get(name) or self.stored[name]


class VaultSecretForm(AccessForm):
    named_by = "key"
    secrets = ("value",)

    class Meta:
        model = VaultSecret
        fields = ("key", "value")
        help_texts: ClassVar = {"key": "The name by which scripts and requests ask for it."}
        widgets: ClassVar = {
            "key": forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
            "value": forms.Textarea(
                attrs={"class": "mono", "rows": 3, "spellcheck": "false", "autocomplete": "off"}
            ),
        }


class CertificateForm(AccessForm):
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

    def keep_secrets(self, fields: dict[str, Any]) -> None:
        """A new key comes with its own passphrase or none; without a certificate there is no key."""
        if not fields.get("certificate") and not fields.get("key"):
            fields["key"] = fields["passphrase"] = ""
        elif not fields.get("key"):
            super().keep_secrets(fields)
