"""The form of a vault secret."""

from typing import ClassVar

from django import forms

from monitors.forms.secrets import SecretForm
from monitors.models import VaultSecret


class VaultSecretForm(SecretForm[VaultSecret]):
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
