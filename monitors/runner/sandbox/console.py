"""The console's arguments, from the text that the bundle sends them as (teleport-javascript)."""

from __future__ import annotations

import json
from typing import Any

from .interface import ConsoleLine


def console_line(level: str, encoded: str) -> ConsoleLine:
    arguments = decode(encoded)
    return ConsoleLine(level=level, text=" ".join(printed(one) for one in arguments), arguments=arguments)


def decode(encoded: str) -> list[Any]:
    """Undo teleport-javascript: a list whose first entry is the value; strings in it are indexes of other
    entries, or `_n` for an entry of a last list that holds what JSON cannot say."""
    entries = json.loads(encoded)
    return [entries[int(one)] if isinstance(one, str) and one.isdigit() else one for one in entries[0]]


def printed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
