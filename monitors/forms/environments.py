"""The editor of an environment: its name, and a row for each variable."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from monitors import importing
from monitors.models import Environment, EnvironmentVariable
from monitors.models.environments import MAX_VARIABLES
from workspaces.json_values import parse_json
from workspaces.numbers import number_in


class EnvironmentForm(forms.ModelForm[Environment]):
    class Meta:
        model = Environment
        fields = ("name",)


class VariableForm(forms.Form):
    """One row. A stored secret is not shown: left blank, it stays as it is.

    A value is text, or any other JSON value: a number, true, false, null, an object or a list.
    """

    stored = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=255, label="Variable")
    value = forms.CharField(required=False, strip=False, label="Value")
    kind = forms.ChoiceField(
        required=False, choices=[("text", "Text"), ("json", "JSON")], initial="text", label="Type"
    )
    is_secret = forms.BooleanField(required=False, label="Secret")
    is_enabled = forms.BooleanField(required=False, initial=True, label="Enabled")

    def __init__(self, *args: Any, variables: dict[int, EnvironmentVariable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variables = variables
        if "\n" in with_unix_line_breaks(self["value"].value()):
            # The other kind of field drops line breaks.
            self.fields["value"].widget = forms.Textarea(attrs={"rows": 3})
        for name in ("key", "value"):
            self.fields[name].widget.attrs |= {"class": "form-control mono", "spellcheck": "false"}
        self.fields["kind"].widget.attrs["class"] = "form-select"
        if self.hidden_because:
            self.fields["value"].widget.attrs["placeholder"] = self.hidden_because
        self.fields["value"].widget.attrs["autocomplete"] = "off"

    @property
    def stored_variable(self) -> EnvironmentVariable | None:
        """By its name where somebody saved since the form was opened, since saving creates the rows again."""
        stored = str(self["stored"].value() or "")
        number = number_in(stored)
        if number is None:
            return None
        namesakes = (row for row in self.variables.values() if row.key == self["key"].value())
        return self.variables.get(number) or next(namesakes, None)

    @property
    def is_lost(self) -> bool:
        """Whether the row stood for a stored one that is there no more, not even under its name."""
        return bool(self["stored"].value()) and self.stored_variable is None

    @property
    def hidden_because(self) -> str:
        """Why the stored value is not shown: a row that is left blank keeps it. Empty where it is shown."""
        stored = self.stored_variable
        if stored is None:
            return ""
        if not stored.is_readable:
            return "Cannot be read: its encryption key is missing. Enter it again, or leave blank to keep it"
        return "Stored; leave blank to keep it" if stored.is_secret else ""

    def clean(self) -> dict[str, object]:
        fields = self.cleaned_data
        if fields.get("DELETE"):
            return fields
        if fields.get("value") and not fields.get("key"):
            self.add_error("key", "Give this value a name.")
        stored = self.stored_variable
        if stored and stored.is_secret and not fields.get("is_secret") and not fields.get("value"):
            self.add_error("value", "Enter the value again: a stored secret cannot be made readable.")
        if self.is_lost and fields.get("is_secret") and not fields.get("value"):
            self.add_error("value", "Enter the value again: the stored one was removed or renamed meanwhile.")
        if fields.get("kind") == "json" and fields.get("value"):
            fields["value"] = self.parsed(fields["value"])
        elif fields.get("value"):
            fields["value"] = self.with_stored_line_breaks(fields["value"])
        return fields

    def with_stored_line_breaks(self, text: str) -> str:
        """A browser writes every line break as CR LF, whatever it was given."""
        stored = displayed_value(self.stored_variable) if self.stored_variable else ""
        return (
            stored
            if with_unix_line_breaks(stored) == with_unix_line_breaks(text)
            else with_unix_line_breaks(text)
        )

    def parsed(self, text: str) -> object:
        try:
            return parse_json(text)
        except ValueError as problem:
            self.add_error("value", f"{problem} Choose the type Text to keep it as it is.")
            return text

    def variable(self) -> EnvironmentVariable | None:
        """What to store of the row; None when it is blank or to be removed."""
        fields = self.cleaned_data
        if fields.get("DELETE") or not fields.get("key"):
            return None
        variable = EnvironmentVariable(
            key=fields["key"],
            value=fields["value"],
            is_secret=fields["is_secret"],
            is_enabled=fields["is_enabled"],
        )
        if fields["value"] == "" and self.stored_variable and self.hidden_because:
            variable.take_value_of(self.stored_variable)
        return variable


class BaseVariables(forms.BaseFormSet[VariableForm]):
    def __init__(
        self, data: QueryDict | None = None, *, environment: Environment | None = None, **kwargs: Any
    ) -> None:
        rows = list(environment.variables.all()) if environment else []
        initial = [
            {
                "stored": row.pk,
                "key": row.key,
                "value": displayed_value(row),
                "kind": kind_of(row),
                "is_secret": row.is_secret,
                "is_enabled": row.is_enabled,
            }
            for row in rows
        ]
        form_kwargs = {"variables": {row.pk: row for row in rows}}
        super().__init__(data, initial=initial, form_kwargs=form_kwargs, **kwargs)

    def clean(self) -> None:
        if any(self.errors):
            return
        if not all(form.is_valid() for form in self.forms):
            raise ValidationError("Correct the rows that are marked.")
        if len(self.variables()) > MAX_VARIABLES:
            raise ValidationError(f"An environment has {MAX_VARIABLES:,} variables at most. Split it up.")
        if problem := importing.duplicate_key_problem(self.variables()):
            raise ValidationError(problem)

    def variables(self) -> list[EnvironmentVariable]:
        return [variable for form in self.forms if (variable := form.variable())]

    def stored_in_words(self) -> dict[str, str]:
        """Each stored variable, as a person is shown it beside what was typed."""
        rows = self.form_kwargs["variables"].values()
        return {
            row.key: in_words(displayed_value(row), kind_of(row), row.is_secret, row.is_enabled, is_kept=True)
            for row in rows
        }

    def typed_in_words(self) -> dict[str, str]:
        words = {}
        for form in self.forms:
            if (key := form["key"].value()) and not form["DELETE"].value():
                flags = form["is_secret"].value(), form["is_enabled"].value()
                value = form["value"].value() or ""
                is_kept = not value and bool(form.hidden_because)
                words[key] = in_words(value, form["kind"].value(), *flags, is_kept=is_kept)
        return words


def with_unix_line_breaks(text: object) -> str:
    return str(text or "").replace("\r\n", "\n").replace("\r", "\n")


def displayed_value(variable: EnvironmentVariable) -> str:
    """Its value as the editor shows it; nothing of a secret, and nothing of what cannot be read."""
    if variable.is_secret or not variable.is_readable:
        return ""
    value = variable.value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def kind_of(variable: EnvironmentVariable) -> str:
    return "text" if not variable.is_readable or isinstance(variable.value, str) else "json"


def in_words(value: str, kind: str | None, is_secret: bool, is_enabled: bool, *, is_kept: bool) -> str:
    if is_secret:
        value = "A stored secret" if is_kept else "A new secret"
    elif kind == "json":
        value = f"{value} (JSON)"
    value = with_unix_line_breaks(value)
    return value if is_enabled else f"{value} (disabled)"


def variable_rows(
    data: QueryDict | None = None, *, environment: Environment | None = None, blank_rows: int = 1
) -> BaseVariables:
    """The rows of an environment with some blank ones to fill in."""
    formset: Any = forms.formset_factory(
        VariableForm,
        BaseVariables,
        extra=blank_rows,
        can_delete=True,
        max_num=MAX_VARIABLES,
        absolute_max=MAX_VARIABLES + 500,
    )
    rows: BaseVariables = formset(data, environment=environment, prefix="variables")
    return rows
