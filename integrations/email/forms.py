import re
from itertools import zip_longest
from typing import Any

from django import forms
from django.core.validators import validate_email

from integrations.base import ConfigForm

MAX_RECIPIENTS = 5
"""Postman's."""

STOP_AFTER = 3


MAX_CHARACTERS = 10_000
IN_BRACKETS = re.compile(r"<([^<>]*)>")
ENDS_BEFORE_NAME = '<>,;"@\n'


class RecipientsField(forms.CharField):
    """Addresses, separated by commas, blanks or lines; cleans to a list of `most` at most."""

    def __init__(self, *, most: int | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_CHARACTERS, **kwargs)
        self.most = most

    def prepare_value(self, value: object) -> object:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        if isinstance(value, list):
            value = ",".join(map(str, value))
        text = _without_names(super().clean(value))
        typed = filter(None, re.split(r"[\s,;]+", text))
        # Written in another case, it is the same mailbox, which would get each mail twice.
        addresses = list({address.casefold(): address for address in typed}.values())
        if self.required and not addresses:
            raise forms.ValidationError(self.error_messages["required"])
        if self.most and len(addresses) > self.most:
            raise forms.ValidationError(
                f"At most {self.most} addresses, these are {len(addresses)}. Use a list's address."
            )
        for address in addresses:
            check_address(address)
        return addresses


def _without_names(text: str) -> str:
    """Addresses alone, where mail programs copy them with a name: Ada Lovelace <ada@example.com>."""
    *named, rest = zip_longest(*[iter(IN_BRACKETS.split(text))] * 2, fillvalue="")
    return "".join(f"{_without_last_name(before)} {address} " for before, address in named) + rest[0]


def _without_last_name(text: str) -> str:
    stripped = text.rstrip()
    if stripped.endswith('"') and (opening := stripped.rfind('"', 0, -1)) >= 0:
        return stripped[:opening]
    return text[: max(map(text.rfind, ENDS_BEFORE_NAME)) + 1]


def check_address(address: str) -> None:
    try:
        validate_email(address)
    except forms.ValidationError:
        raise forms.ValidationError(f"“{address}” is not a valid email address.")


class EmailForm(ConfigForm):
    recipients = RecipientsField(
        most=MAX_RECIPIENTS,
        help_text=f"Up to {MAX_RECIPIENTS} addresses, separated by commas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )
    stop_after = forms.IntegerField(
        label="Stop after",
        min_value=1,
        max_value=50,
        initial=STOP_AFTER,
        required=False,
        help_text="Failed runs in a row that are mailed; the next mail says that the monitor recovered.",
    )
    daily_summary = forms.BooleanField(required=False, help_text="Every morning: runs, failures, speed.")
    weekly_summary = forms.BooleanField(required=False, help_text="Every Monday morning.")
    without_summaries = RecipientsField(
        label="Get no summaries",
        required=False,
        help_text="They ended them by the link in a summary. Take an address out to send it summaries again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.current.get("without_summaries"):
            del self.fields["without_summaries"]

    def clean_stop_after(self) -> int:
        return self.cleaned_data["stop_after"] or self.current.get("stop_after") or STOP_AFTER
