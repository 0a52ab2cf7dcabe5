"""The monitor's form."""

import re
import zoneinfo
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from monitors import cron
from monitors.models import Collection, Environment, Monitor
from monitors.models.monitors import RUN_OPTIONS
from monitors.tags import clean_tags
from workspaces.forms import WorkspaceFormMixin
from workspaces.models import Workspace

CUSTOM = "own"
TIMES_SHOWN = 4


@dataclass(frozen=True)
class SchedulePreview:
    times: list[datetime] = field(default_factory=list)
    problem: str = ""

    @classmethod
    def of(cls, schedule: str, expression: str, zone: str) -> "SchedulePreview":
        """The next times, in the schedule's own zone, or what is wrong with it."""
        chosen = expression if schedule == CUSTOM else schedule
        try:
            times = cron.next_times(chosen, zone, timezone.now(), TIMES_SHOWN)
            return cls([time.astimezone(cron.time_zone(zone)) for time in times])
        except ValueError as problem:
            return cls(problem=str(problem))


class MonitorForm(WorkspaceFormMixin, forms.ModelForm[Monitor]):
    schedule = forms.ChoiceField(choices=[*cron.PRESETS.items(), (CUSTOM, "Cron expression…")])
    timezone = forms.ChoiceField(
        label="Time zone", help_text="The schedule follows this zone's clock, daylight saving time included."
    )
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
            "cron",
            "timezone",
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
        }
        help_texts: ClassVar = {
            "cron": "Five fields: minute, hour, day of month, month, day of week.",
            "environment": "The variables that a run starts with.",
        }
        widgets: ClassVar = {"cron": forms.TextInput(attrs={"class": "mono", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.workspace = self.workspace
        self.initial["tags"] = ", ".join(self.instance.tags)
        self.offer_choices(self.workspace)
        self.show_schedule()

    def offer_choices(self, workspace: Workspace) -> None:
        """Nothing of another workspace can be chosen, whatever id is sent."""
        collections = Collection.objects.for_workspace(workspace)
        self.choice("collection").queryset = collections
        self.choice("collection").empty_label = "Choose a collection"
        self.choice("environment").queryset = Environment.objects.for_workspace(workspace)
        self.choice("environment").empty_label = "No environment"
        self.choice("timezone").choices = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
        if len(settings.REGIONS) == 1:
            del self.fields["regions"]
        else:
            self.choice("regions").choices = [(region, region) for region in settings.REGIONS]

    def choice(self, name: str) -> Any:
        return self.fields[name]

    def show_schedule(self) -> None:
        """Chooses a preset by its expression, and shows any other expression as text."""
        self.fields["cron"].required = False
        self.initial["schedule"] = self.instance.cron if self.instance.cron in cron.PRESETS else CUSTOM

    def clean_tags(self) -> list[str]:
        words = re.split(r"[,\s]+", self.cleaned_data["tags"])
        try:
            return clean_tags(word for word in words if word)
        except ValueError as problem:
            raise ValidationError(str(problem))

    def clean(self) -> dict[str, object]:
        fields = super().clean() or self.cleaned_data
        if fields.get("schedule") not in (CUSTOM, None):
            fields["cron"] = fields["schedule"]
        elif not fields.get("cron"):
            self.add_error("cron", "Type a cron expression, such as */10 * * * *.")
        return fields

    def preview(self) -> SchedulePreview:
        return SchedulePreview.of(
            *(str(self[name].value() or "") for name in ("schedule", "cron", "timezone"))
        )

    @property
    def has_custom_options(self) -> bool:
        """Whether the folded options hide something: a value that is not the default, or an error."""
        defaults = Monitor()
        return any(self[name].errors or self[name].value() != getattr(defaults, name) for name in RUN_OPTIONS)

    def save(self, commit: bool = True) -> Monitor:
        saved = super().save(commit)
        before = (self.initial.get("cron"), self.initial.get("timezone"))
        if commit and (saved.cron, saved.timezone) != before:
            saved.reschedule()
        return saved
