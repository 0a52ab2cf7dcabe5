"""The form of an integration: the fields that all providers share, and the provider's own form."""

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList

from integrations import delays, duplicates
from integrations.base import JsonObject, Provider
from integrations.models import Integration
from integrations.models.integrations import (
    COUNTED_RESULTS,
    MAX_STREAK,
    POLICY_FIELDS,
    every_failed_result,
)
from monitors.forms.listed import HINT, MAX_LISTED, listed_monitors
from monitors.models import Monitor
from workspaces.models import Role, User, Workspace
from workspaces.numbers import number_in

ALL_MONITORS = "all"
COUNT_FIELDS = ("open_after", "close_after", "failing_regions")
"""The counts of the policy. Left empty, they are 1."""


class MonitorChoiceField(forms.ModelChoiceField[Monitor]):
    """The monitors of one workspace, and the choice of all of them, which cleans to None."""

    def clean(self, value: object) -> Monitor | None:
        return None if value == ALL_MONITORS else super().clean(value)

    def set_workspace(self, workspace: Workspace | None, chosen: object) -> bool:
        """Offers the monitors of this workspace, the chosen one among them. True when there may be more."""
        self.queryset = Monitor.objects.for_workspace(workspace) if workspace else Monitor.objects.none()
        names = listed_monitors(workspace, [chosen]) if workspace else []
        all_monitors = (ALL_MONITORS, "All monitors, including ones added later")
        self.choices = [("", "Choose a monitor"), *names, all_monitors]
        return len(names) >= MAX_LISTED


class IntegrationForm(forms.ModelForm[Integration]):
    """`config` is the provider's own form, bound to the same data."""

    monitor = MonitorChoiceField(queryset=Monitor.objects.none())
    failed_results = forms.MultipleChoiceField(
        label="Count as failed",
        choices=[(result.value, result.label) for result in COUNTED_RESULTS],
        widget=forms.CheckboxSelectMultiple,
        initial=every_failed_result,
        required=False,
        help_text="Failure: a test failed. Error: a request or script failed. "
        "Abort: the run was stopped after five minutes. If none is checked, all count.",
    )
    close_automatically = forms.TypedChoiceField(
        label="When the monitor recovers",
        choices=[("True", "Close the incident"), ("False", "Leave the incident open for people to close")],
        coerce=lambda value: value != "False",
        empty_value="True",
        initial="True",
        required=False,
    )

    class Meta:
        model = Integration
        fields = ("name", "workspace", "monitor", *POLICY_FIELDS, "send_changes")

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        user: User,
        provider: Provider,
        instance: Integration | None = None,
        initial: JsonObject | None = None,
    ) -> None:
        super().__init__(data, instance=instance, initial=initial)
        self.provider = provider
        self.instance.provider = provider.slug
        self.user = user
        self.config = provider.config_form(data, current=self.instance.readable_config)
        self._offer_workspaces()
        if not self.instance._state.adding and self.instance.monitor_id is None:
            self.initial["monitor"] = ALL_MONITORS
        has_more = self.monitors.set_workspace(self.chosen_workspace, self["monitor"].value())
        self["monitor"].help_text = HINT if has_more else ""
        for name in COUNT_FIELDS:
            self.fields[name].required = False
        for name in self._unsupported_fields():
            del self.fields[name]

    def _unsupported_fields(self) -> list[str]:
        """The fields that have no effect for this provider or on this installation."""
        names = [] if self.provider.opens_incidents else list(POLICY_FIELDS)
        if self.provider.opens_incidents and len(settings.REGIONS) == 1:
            names.append("failing_regions")
        if not self.provider.accepts_changes:
            names.append("send_changes")
        return names

    def clean(self) -> JsonObject:
        """Call `is_valid` in the transaction that saves, so that two people cannot add duplicates."""
        cleaned = super().clean() or {}
        if cleaned.get("send_changes") and self.config.is_valid():
            problem = self.provider.changes_problem(self.config.cleaned_data)
            if problem:
                self.add_error("send_changes", problem)
        for name in COUNT_FIELDS:
            if name in cleaned:
                cleaned[name] = cleaned[name] or 1
        self.check_for_duplicates(cleaned)
        if "failed_results" in self.fields and not cleaned.get("failed_results"):
            cleaned["failed_results"] = every_failed_result()
        return cleaned

    def check_for_duplicates(self, cleaned: JsonObject) -> None:
        if not self.config.is_valid() or not {"workspace", "monitor"} <= cleaned.keys():
            return
        workspace, monitor = cleaned["workspace"], cleaned["monitor"]
        stored = None if self.instance._state.adding else self.instance
        problem = duplicates.problem(
            self.provider, workspace, monitor, self.config.cleaned_data, stored=stored
        )
        if problem:
            self.add_error(None, problem)

    @property
    def monitors(self) -> MonitorChoiceField:
        field = self.fields["monitor"]
        assert isinstance(field, MonitorChoiceField)
        return field

    def _offer_workspaces(self) -> None:
        field = self.fields["workspace"]
        assert isinstance(field, forms.ModelChoiceField)
        field.empty_label = None
        if self.instance._state.adding:
            field.queryset = Workspace.objects.for_user(self.user, Role.EDITOR)
        else:
            # An integration cannot move: its incidents and run log belong to the workspace's team.
            field.queryset = Workspace.objects.filter(pk=self.instance.workspace_id)

    @property
    def chosen_workspace(self) -> Workspace | None:
        """The workspace whose monitors the form lists."""
        field = self.fields["workspace"]
        value = self["workspace"].value()
        try:
            chosen: Workspace | None = field.clean(getattr(value, "pk", value))
        except ValidationError:
            return None
        return chosen

    @property
    def delay(self) -> str:
        """How long it takes until the two counts page somebody and close the incident, in a sentence."""
        open_after, close_after = (
            number_in(str(self[name].value())) or 0 for name in ("open_after", "close_after")
        )
        if not all(1 <= count <= MAX_STREAK for count in (open_after, close_after)):
            return f"Enter whole numbers from 1 to {MAX_STREAK} for both counts."
        if monitor := self._chosen_monitor:
            return delays.describe(monitor, open_after, close_after)
        if self["monitor"].value() == ALL_MONITORS and (workspace := self.chosen_workspace):
            return delays.describe_all(workspace, open_after, close_after)
        return delays.describe_counts(open_after, close_after)

    @property
    def _chosen_monitor(self) -> Monitor | None:
        try:
            return self.monitors.clean(self["monitor"].value())
        except ValidationError:
            return None

    @property
    def has_advanced_errors(self) -> bool:
        """Whether a field in the collapsed section has an error."""
        visible = {"name", "workspace", "monitor"}
        hidden = (set(self.errors) - visible) | (set(self.config.errors) & set(self.config.advanced_fields))
        return bool(hidden)

    @property
    def all_errors(self) -> dict[str, ErrorList]:
        return {**self.errors, **self.config.errors}

    @property
    def all_fields(self) -> list[forms.BoundField]:
        return [*self, *self.config]

    def is_valid(self) -> bool:
        is_config_valid = self.config.is_valid()
        return super().is_valid() and is_config_valid

    def save(self, commit: bool = True) -> Integration:
        integration: Integration = self.instance
        integration.config = self.config.cleaned_data
        if integration._state.adding:
            integration.created_by = self.user
            integration.save()
        else:
            integration.change()
        return integration
