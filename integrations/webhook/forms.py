import re
import secrets
from urllib.parse import urlsplit

from django import forms

from integrations.base import ConfigForm, JsonObject

EVERY_RUN = "every_run"
CHANGES = "changes"

CHAT_TOOLS = (
    (re.compile(r"hooks\.slack\.com/services/"), "Slack"),
    (re.compile(r"(\w+\.)?discord(app)?\.com/api/webhooks/"), "Discord"),
    (re.compile(r"([\w-]+\.webhook|outlook)\.office(365)?\.com/webhook"), "Microsoft Teams"),
)
"""Host and path of receivers that accept only messages in their own format."""


class UrlField(forms.CharField):
    """An http or https URL. Whether its host may be reached is decided when connecting, by EGRESS_ALLOW."""

    def clean(self, value: object) -> str:
        url: str = super().clean(value)
        if not url:
            return url
        try:
            parts = urlsplit(url)
            is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_url = False
        if not is_url or any(character.isspace() for character in url):
            raise forms.ValidationError("Enter a complete URL, such as https://example.com/hooks/checkout.")
        if tool := _chat_tool(f"{parts.hostname}{parts.path}"):
            raise forms.ValidationError(
                f"{tool} accepts only messages in its own format and would reject this JSON. "
                "Enter the URL of a program that translates it."
            )
        return url


def _chat_tool(host_and_path: str) -> str:
    return next((tool for pattern, tool in CHAT_TOOLS if pattern.match(host_and_path)), "")


class WebhookForm(ConfigForm):
    secret_fields = ("url", "secret")

    url = UrlField(
        label="Webhook URL",
        max_length=2000,
        help_text="Where results are posted. "
        "URLs inside your network must be allowed by the operator (EGRESS_ALLOW).",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    secret = forms.CharField(
        label="Signing secret",
        min_length=16,
        max_length=200,
        help_text="Copy it to the receiver, which uses it to check the signature. It is not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    when = forms.ChoiceField(
        label="Notify it of",
        choices=[
            (EVERY_RUN, "Every completed run"),
            (CHANGES, "The third failure in a row, and the first successful run after it"),
        ],
        initial=EVERY_RUN,
        required=False,
    )

    def initial_config(self) -> JsonObject:
        return super().initial_config() if self.current else {"secret": secrets.token_hex(24)}

    def clean_when(self) -> str:
        return self.cleaned_data["when"] or self.current.get("when") or EVERY_RUN
