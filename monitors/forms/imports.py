"""The form that imports a collection or an environment: a file, pasted JSON or a URL."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from monitors.downloading import download
from monitors.importing import ImportRefused, read_collection, read_environment
from workspaces.forms import WorkspaceFormMixin


class ImportForm(WorkspaceFormMixin, forms.Form):
    """After validation `content` is the checked JSON."""

    read: Callable[[str | bytes], dict[str, Any]]
    kind: str

    file = forms.FileField(required=False, label="File", help_text="The JSON file that Postman exports.")
    url = forms.CharField(
        required=False,
        max_length=2000,
        label="URL",
        help_text="Postwatch downloads the JSON from there once, now.",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    text = forms.CharField(
        required=False,
        label="JSON",
        help_text="Paste the content of the exported file.",
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, object]:
        given = [name for name in ("file", "url", "text") if self.cleaned_data.get(name)]
        if self.errors:
            return self.cleaned_data
        if len(given) != 1:
            ways = "Choose a file, give a URL or paste the JSON"
            raise ValidationError(f"{ways}." if not given else f"{ways}, but only one of them.")
        try:
            self.content = type(self).read(self.given(given[0]))
        except ImportRefused as problem:
            self.add_error(given[0], str(problem))
        return self.cleaned_data

    def given(self, name: str) -> str | bytes:
        value = self.cleaned_data[name]
        if name == "file":
            return bytes(value.read())
        return download(value) if name == "url" else str(value)


class ImportCollectionForm(ImportForm):
    read = staticmethod(read_collection)
    kind = "collection"


class ImportEnvironmentForm(ImportForm):
    read = staticmethod(read_environment)
    kind = "environment"
