"""Parses the JSON that a script's process sends, after checking its size and depth.

A few bytes of text may become hundreds of bytes of objects, and deep nesting exhausts recursive functions.
"""

from __future__ import annotations

import json
import re

from .interface import LimitExceeded

MAX_PARTS = 300_000
"""Values in one message: about 35 MB when each is an object."""
MAX_DEPTH = 200
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[][{}]")


def parse(text: str, max_parts: int = MAX_PARTS) -> object:
    """The JSON value. Raises LimitExceeded for too many values or levels, and ValueError for invalid JSON."""
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > max_parts or opened > MAX_DEPTH:
        _check(STRING.sub("", text), max_parts)
    value: object = json.loads(text)
    return value


def _check(structure: str, max_parts: int) -> None:
    """`structure` is the JSON without its strings."""
    parts = structure.count(",") + structure.count("[") + structure.count("{")
    if parts > max_parts:
        raise LimitExceeded(f"it sent more than {max_parts} values at once")
    depth = 0
    for bracket in BRACKET.finditer(structure):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"it sent values that are nested more than {MAX_DEPTH} levels deep")
