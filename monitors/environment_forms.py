"""The editor of an environment: its name, and a row for each variable."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from monitors.models import Environment, EnvironmentVariable


class EnvironmentForm(forms.ModelForm):
    class Meta:
        model = Environment
        fields = ("name",)


class VariableForm(forms.Form):
    """One row. A stored secret is not shown: left blank, it stays as it is."""

    stored = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=255, label="Variable")
    value = forms.CharField(required=False, strip=False, label="Value")
    is_secret = forms.BooleanField(required=False, label="Secret")
    is_enabled = forms.BooleanField(required=False, initial=True, label="Enabled")

    def __init__(self, *args: Any, variables: dict[int, EnvironmentVariable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variables = variables
        for name in ("key", "value"):
            self.fields[name].widget.attrs |= {"class": "form-control mono", "spellcheck": "false"}
        if self.stored_secret:
            self.fields["value"].widget.attrs["placeholder"] = "Stored; leave blank to keep it"
        self.fields["value"].widget.attrs["autocomplete"] = "off"

    @property
    def stored_variable(self) -> EnvironmentVariable | None:
        stored = str(self["stored"].value() or "")
        return self.variables.get(int(stored)) if stored.isdecimal() else None

    @property
    def stored_secret(self) -> bool:
        return self.stored_variable is not None and self.stored_variable.is_secret

    def clean(self) -> dict[str, Any]:
        fields = self.cleaned_data
        if fields.get("DELETE"):
            return fields
        if fields.get("value") and not fields.get("key"):
            self.add_error("key", "Give this value a name.")
        if self.stored_secret and not fields.get("is_secret") and not fields.get("value"):
            self.add_error("value", "Type the value anew: a stored secret cannot be made readable.")
        return fields

    def variable(self) -> EnvironmentVariable | None:
        """What to store of the row; None when it is blank or to be removed."""
        fields = self.cleaned_data
        if fields.get("DELETE") or not fields.get("key"):
            return None
        value = fields["value"]
        if not value and self.stored_variable and self.stored_secret:
            value = self.stored_variable.value
        return EnvironmentVariable(
            key=fields["key"], value=value, is_secret=fields["is_secret"], is_enabled=fields["is_enabled"]
        )


class BaseVariables(forms.BaseFormSet):
    def __init__(self, data: Any = None, *, environment: Environment | None = None, **kwargs: Any) -> None:
        rows = list(environment.variables.all()) if environment else []
        initial = [
            {
                "stored": row.pk,
                "key": row.key,
                "value": "" if row.is_secret else row.value,
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

    def variables(self) -> list[EnvironmentVariable]:
        return [variable for form in self.forms if (variable := form.variable())]


def variable_rows(
    data: Any = None, *, environment: Environment | None = None, blank_rows: int = 1
) -> BaseVariables:
    """The rows of an environment with some blank ones to fill in."""
    formset: Any = forms.formset_factory(
        VariableForm, BaseVariables, extra=blank_rows, can_delete=True, max_num=1000, absolute_max=1500
    )
    rows: BaseVariables = formset(data, environment=environment, prefix="variables")
    return rows
