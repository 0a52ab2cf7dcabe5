"""What the forms of vault secrets and certificates share: a secret is written and never shown again."""

from typing import Any, ClassVar, TypeVar

from django import forms

from monitors.models import HostCertificate, VaultSecret
from workspaces.fields import UNREADABLE, clear_unreadable
from workspaces.forms import WorkspaceFormMixin

KEPT = "Stored and not shown again. Leave it empty to keep it."

S = TypeVar("S", VaultSecret, HostCertificate)


class SecretForm(WorkspaceFormMixin, forms.ModelForm[S]):
    """`named_by` is the field that identifies a row in its workspace; `secrets` are kept when left empty."""

    named_by: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        unreadable = clear_unreadable(instance) if instance else set()
        super().__init__(*args, **kwargs)
        for name in unreadable & set(self.fields):
            self.fields[name].help_text = f"{UNREADABLE} Enter it again."
        self.instance.workspace = self.workspace
        self.stored = {name: getattr(self.instance, name) for name in self.secrets}
        for name in self.secrets:
            self.initial[name] = ""
            if self.stored[name]:
                self.fields[name].required = False
                self.fields[name].help_text = KEPT

    def clean(self) -> dict[str, object]:
        fields = super().clean() or self.cleaned_data
        name = fields.get(self.named_by, "")
        others = type(self.instance).objects.for_workspace(self.workspace).exclude(pk=self.instance.pk)
        if others.filter(**{self.named_by: name}).exists():
            self.add_error(self.named_by, f"There is one for {name} already. Change that one.")
        self.keep_secrets(fields)
        return fields

    def keep_secrets(self, fields: dict[str, object]) -> None:
        for name in self.secrets:
            fields[name] = fields.get(name) or self.stored[name]
