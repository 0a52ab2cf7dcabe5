from django import forms

from monitors.models.outages import MAX_NOTE


class NoteForm(forms.Form):
    """What somebody found out about an outage."""

    text = forms.CharField(
        label="Add a note",
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For your team: what you found out, and what you do about it.",
    )
