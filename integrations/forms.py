"""The form of an integration: the part that all providers share, and the provider's own."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from integrations import delays, duplicates
from integrations.base import Provider
from integrations.models import Integration
from integrations.models.integrations import COUNTED_RESULTS, MAX_STREAK, every_failed_result
from monitors.models import Monitor
from workspaces.models import Role, User, Workspace
from workspaces.numbers import number_in

ALL_MONITORS = "all"
POLICY_COUNTS = ("open_after", "close_after", "failing_regions")
POLICY_FIELDS = (*POLICY_COUNTS, "failed_results", "close_automatically", "remind_every_hours")


def workspaces_to_edit(user: User) -> Any:
    """Those in which the person may change things."""
    roles = [role for role in Role if role.allows(Role.EDITOR)]
    return Workspace.objects.filter(memberships__user=user, memberships__role__in=roles)


class MonitorChoiceField(forms.ModelChoiceField[Monitor]):
    """The monitors of one workspace, and "all" of them, which cleans to None."""

    def clean(self, value: Any) -> Monitor | None:
        return None if value == ALL_MONITORS else super().clean(value)

    def list_monitors_of(self, workspace: Workspace | None) -> None:
        monitors = Monitor.objects.for_workspace(workspace) if workspace else Monitor.objects.none()
        self.queryset = monitors
        names = [(str(pk), name) for pk, name in monitors.values_list("pk", "name")]
        everything = [(ALL_MONITORS, "All monitors, those of tomorrow too")]
        self.choices = [("", "Choose a monitor"), *names, *everything]


class IntegrationForm(forms.ModelForm[Integration]):
    """`config` is the provider's own form, bound to the same data."""

    monitor = MonitorChoiceField(queryset=Monitor.objects.none())
    failed_results = forms.MultipleChoiceField(
        label="Count as failed",
        choices=[(result.value, result.label) for result in COUNTED_RESULTS],
        widget=forms.CheckboxSelectMultiple,
        initial=every_failed_result,
        required=False,
        help_text="Failure: a test failed. Error: a request or script did. Abort: it took over five minutes. "
        "Without a tick, all count.",
    )
    close_automatically = forms.TypedChoiceField(
        label="When the monitor recovers",
        choices=[("True", "Close the incident"), ("False", "Leave the incident to people")],
        coerce=lambda value: value != "False",
        empty_value="True",
        initial="True",
        required=False,
    )

    class Meta:
        model = Integration
        fields = (
            "name",
            "workspace",
            "monitor",
            "open_after",
            "close_after",
            "failing_regions",
            "failed_results",
            "close_automatically",
            "remind_every_hours",
            "send_changes",
        )

    def __init__(self, *args: Any, user: User, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = provider
        self.instance.provider = provider.slug
        self.user = user
        self.config = provider.config_form(
            self.data if self.is_bound else None, current=self.instance.readable_config
        )
        self._offer_workspaces()
        self.monitors.list_monitors_of(self.chosen_workspace)
        if not self.instance._state.adding and self.instance.monitor_id is None:
            self.initial["monitor"] = ALL_MONITORS
        for name in POLICY_COUNTS:
            self.fields[name].required = False
        for name in self._fields_without_meaning():
            del self.fields[name]

    def _fields_without_meaning(self) -> list[str]:
        names = [] if self.provider.opens_incidents else list(POLICY_FIELDS)
        if self.provider.opens_incidents and len(settings.REGIONS) == 1:
            names.append("failing_regions")
        if not self.provider.accepts_changes:
            names.append("send_changes")
        return names

    def clean(self) -> dict[str, Any]:
        """Call `is_valid` in the transaction that saves, which keeps a second person from adding the same."""
        cleaned = super().clean() or {}
        if cleaned.get("send_changes") and self.config.is_valid():
            problem = self.provider.changes_problem(self.config.cleaned_data)
            if problem:
                self.add_error("send_changes", problem)
        for name in POLICY_COUNTS:
            if name in cleaned:
                cleaned[name] = cleaned[name] or 1
        self.check_for_duplicates(cleaned)
        if "failed_results" in self.fields and not cleaned.get("failed_results"):
            cleaned["failed_results"] = every_failed_result()
        return cleaned

    def check_for_duplicates(self, cleaned: dict[str, Any]) -> None:
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
            field.queryset = workspaces_to_edit(self.user)
        else:
            # It stays where it is: its incidents and run log belong to that team.
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
        """What the two counts mean in minutes, for the monitor or the monitors that are chosen."""
        open_after, close_after = (
            number_in(str(self[name].value())) or 0 for name in ("open_after", "close_after")
        )
        if not all(1 <= count <= MAX_STREAK for count in (open_after, close_after)):
            return f"Both counts are whole numbers from 1 to {MAX_STREAK}."
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
        """Whether something is wrong under the fold."""
        plain = {"name", "workspace", "monitor"}
        wrong = (set(self.errors) - plain) | (set(self.config.errors) & set(self.config.advanced_fields))
        return bool(wrong)

    @property
    def all_errors(self) -> dict[str, Any]:
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
