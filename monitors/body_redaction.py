"""Masks in kept bodies what looks like a credential: a run knows its own secrets, not those of responses."""

import re

from monitors.redaction import JSON_WEB_TOKEN, MASK, SCHEME, is_sure_credential

MEMBER = re.compile(r'"(?P<name>[^"\\]{1,100})"\s{0,20}:\s{0,20}"(?P<value>(?:[^"\\]|\\.)++)', re.DOTALL)
"""A member of JSON whose value is a string."""
PARAMETER = re.compile(r"(?:\A|(?<=[&\n]))(?P<name>[^=&\s]{1,100})=(?P<value>[^&\s]++)")
"""A field of a form."""


def without_credentials(text: str) -> str:
    """The text with the values under names of credentials masked, and what has the format of a token."""
    for pattern in (MEMBER, PARAMETER):
        text = pattern.sub(_masked_where_named, text)
    for pattern in (SCHEME, JSON_WEB_TOKEN):
        text = pattern.sub(_masked, text)
    return text


def _masked_where_named(found: re.Match[str]) -> str:
    return _masked(found) if is_sure_credential(found["name"]) else found[0]


def _masked(found: re.Match[str]) -> str:
    return found[0].removesuffix(found["value"]) + MASK
