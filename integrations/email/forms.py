import re
from collections.abc import Mapping
from itertools import zip_longest

from django import forms
from django.core.validators import validate_email

from integrations.base import ConfigForm, JsonObject

MAX_RECIPIENTS = 5
"""As many as Postman allows."""

STOP_AFTER = 3

MAX_CHARACTERS = 10_000
IN_BRACKETS = re.compile(r"<([^<>]*)>")
SEPARATORS = '<>,;"@\n'
"""The characters after which a name without quotes may start."""


class RecipientsField(forms.CharField):
    """Email addresses, separated by commas, spaces or lines. Cleans to a list."""

    def __init__(
        self,
        *,
        max_recipients: int | None = None,
        label: str | None = None,
        help_text: str = "",
        required: bool = True,
    ) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=required,
            max_length=MAX_CHARACTERS,
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        )
        self.max_recipients = max_recipients

    def prepare_value(self, value: object) -> object:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        if isinstance(value, list):
            value = ",".join(map(str, value))
        text = _without_names(super().clean(value))
        typed = filter(None, re.split(r"[\s,;]+", text))
        # An address that differs only in case is the same mailbox, which would get each mail twice.
        addresses = list({address.casefold(): address for address in typed}.values())
        if self.required and not addresses:
            raise forms.ValidationError(self.error_messages["required"])
        if self.max_recipients and len(addresses) > self.max_recipients:
            raise forms.ValidationError(
                f"Enter at most {self.max_recipients} addresses; these are {len(addresses)}. "
                "Use a mailing list for more people."
            )
        for address in addresses:
            check_address(address)
        return addresses


def _without_names(text: str) -> str:
    """The addresses of a text in which mail programs copied names, too: Ada Lovelace <ada@example.com>."""
    *named, rest = zip_longest(*[iter(IN_BRACKETS.split(text))] * 2, fillvalue="")
    return "".join(f"{_without_last_name(before)} {address} " for before, address in named) + rest[0]


def _without_last_name(text: str) -> str:
    stripped = text.rstrip()
    if stripped.endswith('"') and (opening := stripped.rfind('"', 0, -1)) >= 0:
        return stripped[:opening]
    return text[: max(map(text.rfind, SEPARATORS)) + 1]


def check_address(address: str) -> None:
    try:
        validate_email(address)
    except forms.ValidationError:
        raise forms.ValidationError(f"“{address}” is not a valid email address.")


class EmailForm(ConfigForm):
    recipients = RecipientsField(
        max_recipients=MAX_RECIPIENTS,
        help_text=f"Up to {MAX_RECIPIENTS} addresses, separated by commas.",
    )
    stop_after = forms.IntegerField(
        label="Stop after",
        min_value=1,
        max_value=50,
        initial=STOP_AFTER,
        required=False,
        help_text="Failed runs in a row that are mailed. The next mail reports the recovery.",
    )
    daily_summary = forms.BooleanField(
        required=False, help_text="Every morning: runs, failures, response times."
    )
    weekly_summary = forms.BooleanField(required=False, help_text="Every Monday morning.")
    without_summaries = RecipientsField(
        label="Unsubscribed from summaries",
        required=False,
        help_text="They used the link in a summary. Remove an address to send it summaries again.",
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, current: JsonObject | None = None
    ) -> None:
        super().__init__(data, current=current)
        if not self.current.get("without_summaries"):
            del self.fields["without_summaries"]

    def clean_stop_after(self) -> int:
        return self.cleaned_data["stop_after"] or self.current.get("stop_after") or STOP_AFTER
