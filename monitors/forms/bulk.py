"""What the list of monitors is to do with those that were chosen."""

from django import forms
from django.core.exceptions import ValidationError

from monitors.bulk import MAX_MONITORS, BulkAction
from monitors.forms.listed import key_of
from monitors.models import Monitor
from monitors.muting import MuteFor
from monitors.tags import clean_tag
from workspaces.forms import WorkspaceFormMixin

TAG_ACTIONS = (BulkAction.TAG, BulkAction.UNTAG)
NONE_CHOSEN = "Choose at least one monitor."


class BulkForm(WorkspaceFormMixin, forms.Form):
    """The ids of the chosen monitors, and the action with what it needs to know."""

    monitors = forms.Field(widget=forms.SelectMultiple, error_messages={"required": NONE_CHOSEN})
    action = forms.TypedChoiceField(choices=BulkAction.choices, coerce=BulkAction)
    tag = forms.CharField(required=False)
    mute_for = forms.TypedChoiceField(
        choices=MuteFor.choices, coerce=MuteFor, required=False, empty_value=MuteFor.HOUR
    )

    def clean_monitors(self) -> list[Monitor]:
        """Those that are there. Somebody may have deleted others in the meantime."""
        chosen: list[str] = self.cleaned_data["monitors"]
        if len(chosen) > MAX_MONITORS:
            raise ValidationError(f"Choose {MAX_MONITORS} monitors at most.")
        keys = filter(None, map(key_of, chosen))
        monitors = Monitor.objects.for_workspace(self.workspace).filter(pk__in=keys)
        found = list(monitors.select_related("workspace").order_by("name"))
        if not found:
            raise ValidationError(NONE_CHOSEN)
        return found

    def clean(self) -> dict[str, object]:
        fields = super().clean() or self.cleaned_data
        if fields.get("action") in TAG_ACTIONS:
            try:
                fields["tag"] = clean_tag(fields.get("tag", ""))
            except ValueError as problem:
                raise ValidationError(str(problem) if fields.get("tag") else "Type a tag.")
        return fields

    @property
    def sentence(self) -> str:
        """The first thing that is wrong."""
        return next(str(errors[0]) for errors in self.errors.values())
