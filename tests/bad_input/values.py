"""What no part of Postwatch expects as a parameter, a header, a cookie or a field."""

import base64
from typing import Any


def cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


TEXTS = {
    "NUL": "a\0b",
    "6,000 digits": "9" * 6000,
    "30 digits": "9" * 30,
    "digits of another script": "٣٣",
    "a superscript": "²",
    "a surrogate": "\udce9",
    "the last year": "9999-12-31T23:59:59.999999Z",
    "a long text": "x" * 8000,
    "deep JSON": "[" * 5000,
    "a broken host": "http://[",
}
"""What a query or a form may say."""

CURSORS = {
    "a cursor of nothing": cursor(""),
    "a cursor with NUL": cursor("p=a\0b"),
    "a cursor far away": cursor("o=99999999999999999999999"),
    "a cursor back": cursor("r=1&p=x"),
    "a cursor beyond": cursor("p=" + "9" * 30),
    "a cursor of 6,000 digits": cursor("p=" + "9" * 6000),
}

VALUES: list[Any] = [
    "",
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    1e308,
    [],
    [[]],
    [None],
    [{"a": 1}],
    {},
    {"a": {"b": [1]}},
    *(TEXTS[name] for name in ("6,000 digits", "30 digits", "digits of another script")),
    *(TEXTS[name] for name in ("the last year", "a long text", "a broken host")),
]
"""What JSON may say."""
