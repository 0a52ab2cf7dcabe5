"""The monitor's form."""

import re
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from monitors import schedules
from monitors.models import Collection, Environment, Monitor
from monitors.models.run_options import RUN_OPTIONS
from monitors.schedules import CUSTOM, DAILY, ON_WEEKDAYS, WEEKLY
from monitors.tags import clean_tags
from workspaces.forms import WorkspaceFormMixin
from workspaces.models import Workspace

SCHEDULE_FIELDS = ("cron", "timezone", "second")
AT_A_TIME = (DAILY, ON_WEEKDAYS, WEEKLY)


class MonitorForm(WorkspaceFormMixin, forms.ModelForm[Monitor]):
    """`at`, `day` and `cron` are shown and needed with some kinds of schedule only."""

    schedule = forms.ChoiceField(choices=schedules.CHOICES)
    at = forms.TimeField(
        label="Time", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    day = forms.ChoiceField(label="Day", choices=schedules.DAYS, required=False)
    regions = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, help_text="Each region runs the monitor on the schedule."
    )
    tags = forms.CharField(
        required=False, help_text="Words to find and group monitors by, separated by commas."
    )

    class Meta:
        model = Monitor
        fields = (
            "name",
            "tags",
            "collection",
            "environment",
            "schedule",
            "at",
            "day",
            *SCHEDULE_FIELDS,
            "regions",
            *RUN_OPTIONS,
        )
        labels: ClassVar = {
            "cron": "Cron expression",
            "request_timeout_ms": "Request timeout (ms)",
            "delay_request_ms": "Delay between requests (ms)",
            "follow_redirects": "Follow redirects",
            "verify_tls": "Verify TLS certificates",
            "retries": "Retries of a failing request",
            "retry_unsafe": "Also retry requests that change data",
            "keep_exchanges": "Keep requests and responses",
        }
        help_texts: ClassVar = {
            "name": "Left empty, it is named after its collection and environment.",
            "cron": "Five fields: minute, hour, day of month, month, day of week.",
            "timezone": "Type a city to search. The schedule follows this zone's clock, daylight saving time "
            "included.",
            "second": "Monitors start at different seconds, so that they do not all start at once. Left "
            "empty, one is chosen.",
            "environment": "The variables that a run starts with.",
        }
        widgets: ClassVar = {
            "cron": forms.TextInput(attrs={"class": "mono", "spellcheck": "false"}),
            "timezone": forms.TextInput(
                attrs={"list": "time-zones", "spellcheck": "false", "autocomplete": "off"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.workspace = self.workspace
        self.fields["name"].required = False
        self.initial["tags"] = ", ".join(self.instance.tags)
        self.offer_choices(self.workspace)
        self.show_schedule()

    def offer_choices(self, workspace: Workspace) -> None:
        """Nothing of another workspace can be chosen, whatever id is sent."""
        collections = Collection.objects.for_workspace(workspace)
        self.choice("collection").queryset = collections.select_related("workspace")
        self.choice("collection").empty_label = "Choose a collection"
        environments = Environment.objects.for_workspace(workspace)
        self.choice("environment").queryset = environments.select_related("workspace")
        self.choice("environment").empty_label = "No environment"
        if len(settings.REGIONS) == 1:
            del self.fields["regions"]
        else:
            self.choice("regions").choices = [(region, region) for region in settings.REGIONS]

    def choice(self, name: str) -> Any:
        return self.fields[name]

    def show_schedule(self) -> None:
        """Chooses the kind of schedule that the expression is of."""
        self.fields["cron"].required = False
        chosen = schedules.Choice.of(self.instance.cron)
        self.initial.update(schedule=chosen.schedule, at=chosen.at, day=chosen.day)

    def clean_tags(self) -> list[str]:
        words = re.split(r"[,\s]+", self.cleaned_data["tags"])
        try:
            return clean_tags(word for word in words if word)
        except ValueError as problem:
            raise ValidationError(str(problem))

    def clean(self) -> dict[str, object]:
        fields = super().clean() or self.cleaned_data
        if collection := fields.get("collection"):
            fields["name"] = fields.get("name") or suggested_name(collection, fields.get("environment"))
        kind = fields.get("schedule")
        if kind == CUSTOM and not fields.get("cron"):
            self.add_error("cron", "Type a cron expression, such as */10 * * * *.")
        elif kind in AT_A_TIME and "at" in fields and not fields["at"]:
            self.add_error("at", "Enter a time, such as 09:00.")
        elif kind is not None and not {"at", "day"} & self.errors.keys():
            fields["cron"] = self.expression(fields)
        return fields

    @staticmethod
    def expression(fields: dict[str, Any]) -> str:
        """The cron expression of what was chosen."""
        chosen = schedules.Choice(
            fields["schedule"],
            at=fields.get("at") or schedules.NINE,
            day=fields.get("day") or "1",
            cron=fields.get("cron") or "",
        )
        return chosen.expression

    @property
    def has_custom_options(self) -> bool:
        """Whether the folded options hide something: a value that is not the default, or an error."""
        defaults = Monitor()
        return any(
            self[name].errors or self[name].value() != getattr(defaults, name) for name in RUN_OPTIONS
        ) or bool(self["second"].errors)

    def save(self, commit: bool = True) -> Monitor:
        before = tuple(self.initial.get(name) for name in SCHEDULE_FIELDS)
        saved = super().save(commit)
        if commit and tuple(getattr(saved, name) for name in SCHEDULE_FIELDS) != before:
            saved.reschedule()
        return saved


def suggested_name(collection: Collection, environment: Environment | None) -> str:
    """ "Orders", or "Orders in Staging"."""
    name = f"{collection.name} in {environment.name}" if environment else collection.name
    return name[:255]
