"""Reads the JSON that a script's process sends, limited in size and depth before it is parsed.

A few bytes of text become hundreds of bytes of objects, and what is nested deep exhausts whatever goes
through it by recursion.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .interface import LimitExceeded

MAX_PARTS = 300_000
"""Values of one message: about 35 MB when each is an object."""
MAX_DEPTH = 200
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[][{}]")


def parse(text: str, max_parts: int = MAX_PARTS) -> Any:
    """Raises LimitExceeded for too many values or levels, ValueError for what is not JSON."""
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > max_parts or opened > MAX_DEPTH:
        _check(STRING.sub("", text), max_parts)
    return json.loads(text)


def _check(structure: str, max_parts: int) -> None:
    """`structure` is JSON without its strings."""
    parts = structure.count(",") + structure.count("[") + structure.count("{")
    if parts > max_parts:
        raise LimitExceeded(f"it handed over more than {max_parts} values at once")
    depth = 0
    for bracket in BRACKET.finditer(structure):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"it handed over values that are nested more than {MAX_DEPTH} levels deep")
