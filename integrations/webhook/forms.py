import re
import secrets
from urllib.parse import urlsplit

from django import forms

from integrations.base import ConfigForm

EVERY_RUN = "every_run"
CHANGES = "changes"


CHAT_TOOLS = (
    (re.compile(r"hooks\.slack\.com/services/"), "Slack"),
    (re.compile(r"(\w+\.)?discord(app)?\.com/api/webhooks/"), "Discord"),
    (re.compile(r"([\w-]+\.webhook|outlook)\.office(365)?\.com/webhook"), "Microsoft Teams"),
)
"""The addresses, without scheme and query, of receivers that refuse all but their own messages."""


class AddressField(forms.CharField):
    """An http or https URL; where it may lead is decided when it is connected to."""

    def clean(self, value: object) -> str:
        address: str = super().clean(value)
        if not address:
            return address
        try:
            parts = urlsplit(address)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            is_address = False
        if not is_address or any(character.isspace() for character in address):
            raise forms.ValidationError("Give a whole address, such as https://example.com/hooks/checkout.")
        if tool := _chat_tool_at(f"{parts.hostname}{parts.path}"):
            raise forms.ValidationError(
                f"{tool} accepts only messages in its own format and would refuse this JSON. "
                "Give the address of a program that translates it."
            )
        return address


def _chat_tool_at(place: str) -> str:
    return next((tool for pattern, tool in CHAT_TOOLS if pattern.match(place)), "")


class WebhookForm(ConfigForm):
    secret_fields = ("url", "secret")

    url = AddressField(
        label="Webhook URL",
        max_length=2000,
        help_text="Where results are posted. Addresses inside of your network need the operator's leave.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    secret = forms.CharField(
        label="Signing secret",
        min_length=16,
        max_length=200,
        help_text="Copy it to the receiver, which checks the signature with it. It is not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    when = forms.ChoiceField(
        label="Tell it",
        choices=[
            (EVERY_RUN, "Every run that completes"),
            (CHANGES, "The third failure in a row, and the first good run after it"),
        ],
        initial=EVERY_RUN,
        required=False,
    )

    def _shown(self) -> dict[str, object]:
        return super()._shown() if self.current else {"secret": secrets.token_hex(24)}

    def clean_when(self) -> str:
        return self.cleaned_data["when"] or self.current.get("when") or EVERY_RUN
