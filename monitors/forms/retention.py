"""The form that says how long a workspace keeps what its monitors found."""

from typing import Any

from django import forms
from django.conf import settings

from monitors.models import Retention
from workspaces.forms import WorkspaceFormMixin

DAYS, MONTHS = "days", "months"


class RetentionForm(WorkspaceFormMixin, forms.ModelForm[Retention]):
    class Meta:
        model = Retention
        fields = ("good_runs_days", "failed_runs_days", "exchanges_days", "statistics_months")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            default, unit = int(getattr(settings, Retention.OPERATORS[name][0])), name.rpartition("_")[2]
            limit = Retention.limit(name)
            field.label = f"{str(field.label).capitalize()}, in {unit}"
            field.help_text = f"Leave it empty for the operator's default, {default}. At most {limit}."
            field.widget.attrs |= {"min": 1, "max": limit, "placeholder": default}
