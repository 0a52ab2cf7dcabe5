import re

from django import forms

from integrations.base import ConfigForm

KEY = re.compile(r"[A-Za-z0-9]{32}")
RULESET_KEY = re.compile(r"R[A-Z0-9]{31}")
REST_TOKEN = re.compile(r"[A-Za-z0-9+_-]{20}")


class IntegrationKeyField(forms.CharField):
    """PagerDuty's integration key, also called routing key: 32 letters and digits."""

    def clean(self, value: object) -> str:
        key = "".join(str(super().clean(value)).split())
        if not key or KEY.fullmatch(key):
            return key
        if REST_TOKEN.fullmatch(key):
            raise forms.ValidationError(
                "This looks like a REST API key. The integration key is on the service itself: open the "
                "service, Integrations, Events API V2, and copy the Integration Key."
            )
        if not key.isascii() or not key.isalnum():
            raise forms.ValidationError("An integration key contains only letters and digits. Copy it again.")
        raise forms.ValidationError(
            f"An integration key has 32 characters; this one has {len(key)}. Copy it from PagerDuty again."
        )


class PagerDutyForm(ConfigForm):
    secret_fields = ("integration_key",)
    advanced_fields = ("severity",)

    integration_key = IntegrationKeyField(
        help_text="32 letters and digits, from the service's Events API V2 integration.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    region = forms.ChoiceField(
        label="PagerDuty region",
        choices=[("us", "US (app.pagerduty.com)"), ("eu", "EU (app.eu.pagerduty.com)")],
        initial="us",
        required=False,
        help_text="Where you sign in to PagerDuty. A key works only in its own region.",
    )
    severity = forms.ChoiceField(
        choices=[
            ("", "By result: error for failed tests, critical for errors and aborts"),
            ("critical", "Critical"),
            ("error", "Error"),
            ("warning", "Warning"),
            ("info", "Info"),
        ],
        required=False,
    )

    def clean_region(self) -> str:
        return self.cleaned_data["region"] or self.current.get("region") or "us"
