"""The form of a maintenance window."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms

from monitors import cron, maintenance
from monitors.forms.listed import HINT, MAX_LISTED, listed_monitors
from monitors.models import MaintenanceWindow, Monitor
from monitors.models.maintenance import MAX_YEAR, MIN_YEAR, Mode, Scope
from workspaces.forms import WorkspaceFormMixin

ONCE, RECURRING = "once", "again"
CONDITIONAL_FIELDS = ("tag", "monitors", "starts_at", "ends_at", "cron", "duration_minutes")
"""Each is shown and required only with one choice of scope or kind."""
MODE_CHOICES = [
    (Mode.MUTE, "Mute: run and record as usual, page nobody"),
    (Mode.SKIP, "Skip: do not run by the schedule at all"),
]


class WallClockField(forms.Field):
    """A day and a time without a zone, which another field of the form gives."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: object) -> datetime | None:
        if not value:
            return None
        try:
            time = datetime.fromisoformat(str(value))
        except ValueError:
            raise forms.ValidationError("Enter a date and time, such as 2030-01-31T22:00.")
        if not MIN_YEAR <= time.year <= MAX_YEAR:
            raise forms.ValidationError(f"Enter a year from {MIN_YEAR} to {MAX_YEAR}.")
        return time.replace(tzinfo=None)


class TagField(forms.ChoiceField):
    """In lower case, as tags are stored."""

    def to_python(self, value: object) -> str:
        return str(super().to_python(value)).lower()


class MaintenanceWindowForm(WorkspaceFormMixin, forms.ModelForm[MaintenanceWindow]):
    """A conditional field is marked as required, which it is while it shows; `clean` checks it."""

    use_required_attribute = False
    mode = forms.ChoiceField(
        label="What happens",
        choices=MODE_CHOICES,
        initial=Mode.MUTE,
        widget=forms.RadioSelect,
        help_text="Incidents that are open already are closed as usual when a monitor recovers.",
    )
    tag = TagField(help_text="Every monitor that has this tag, including monitors added later.")
    scope = forms.ChoiceField(label="For", choices=Scope, initial=Scope.WORKSPACE, widget=forms.RadioSelect)
    monitors = forms.ModelMultipleChoiceField(
        Monitor.objects.none(), label="Monitors", widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(
        label="When",
        choices=[(ONCE, "Once"), (RECURRING, "On a schedule")],
        initial=ONCE,
        widget=forms.RadioSelect,
    )
    starts_at = WallClockField(label="From")
    ends_at = WallClockField(label="Until")

    class Meta:
        model = MaintenanceWindow
        fields = (
            "name",
            "mode",
            "scope",
            "tag",
            "monitors",
            "kind",
            "starts_at",
            "ends_at",
            "cron",
            "duration_minutes",
            "timezone",
        )
        labels: ClassVar = {"cron": "Starts (cron expression)", "duration_minutes": "Lasts (minutes)"}
        help_texts: ClassVar = {
            "name": "The reason, such as Database upgrade.",
            "cron": "Minute, hour, day of month, month, day of week: 0 22 * * 6 is Saturday at 22:00.",
            "timezone": "Type a city to search. Times and the schedule are in this zone.",
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
        self.require(True)
        choices: Any = self.fields
        choices["monitors"].queryset = Monitor.objects.for_workspace(self.workspace)
        listed = listed_monitors(self.workspace, self["monitors"].value() or ())
        choices["monitors"].choices = listed
        self["monitors"].help_text = HINT if len(listed) >= MAX_LISTED else ""
        choices["tag"].choices = self.tag_choices()
        if not self.instance._state.adding:
            self.show_times()

    def tag_choices(self) -> list[tuple[str, str]]:
        """The tags in use, and that of the window, each with the number of monitors that it covers."""
        tags = Monitor.objects.for_workspace(self.workspace).tags()
        if self.instance.tag:
            tags.setdefault(self.instance.tag, 0)
        counted = [(tag, f"{tag}: {count} monitor{'' if count == 1 else 's'}") for tag, count in tags.items()]
        return [("", "Choose a tag" if counted else "No monitor has a tag"), *counted]

    def show_times(self) -> None:
        self.initial["kind"] = RECURRING if self.instance.is_recurring else ONCE
        zone = cron.time_zone(self.instance.timezone)
        for name in ("starts_at", "ends_at"):
            self.initial[name] = getattr(self.instance, name).astimezone(zone)

    def require(self, required: bool) -> None:
        for name in CONDITIONAL_FIELDS:
            self.fields[name].required = required

    def full_clean(self) -> None:
        self.require(False)
        super().full_clean()
        self.require(True)

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        try:
            cron.time_zone(zone)
        except ValueError as problem:
            raise forms.ValidationError(str(problem))
        return zone

    def clean(self) -> dict[str, object]:
        fields = super().clean() or self.cleaned_data
        if fields.get("kind") == ONCE:
            fields["cron"], fields["duration_minutes"] = "", None
            self.localize_times(fields)
        else:
            fields["starts_at"], fields["ends_at"] = self.instance.starts_at, self.instance.ends_at
            if not fields.get("cron"):
                self.add_error("cron", "Type a cron expression, such as 0 22 * * 6.")
        if fields.get("scope") == Scope.MONITORS and not fields.get("monitors"):
            self.add_error("monitors", "Choose at least one monitor.")
        if fields.get("scope") != Scope.MONITORS:
            fields["monitors"] = []
        return fields

    def localize_times(self, fields: dict[str, Any]) -> None:
        """Reads the two times in the window's own zone."""
        zone = cron.time_zone(fields.get("timezone", "UTC"))
        for name in ("starts_at", "ends_at"):
            if fields.get(name):
                fields[name] = fields[name].replace(tzinfo=zone)

    def save(self, commit: bool = True) -> MaintenanceWindow:
        maintenance.store(self.instance, self.cleaned_data["monitors"])
        return self.instance
