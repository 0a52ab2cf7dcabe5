"""Types and helpers for JSON of any shape: people write collections by hand, and scripts change requests
freely."""

from __future__ import annotations

JsonObject = dict[str, object]
"""A JSON object whose members may have any type: narrow each one before use. A bare JSON value is
`object`."""


def as_list(value: object) -> list[object]:
    """The value itself if it is a list; otherwise an empty list."""
    return value if isinstance(value, list) else []


def as_dict(value: object) -> JsonObject:
    """The value itself if it is an object; otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: object) -> str | None:
    """The value itself if it is a string; otherwise None."""
    return value if isinstance(value, str) else None


def objects_in(value: object) -> list[JsonObject]:
    """The objects of a list, without its other elements; an empty list for anything that is not a list."""
    return [entry for entry in as_list(value) if isinstance(entry, dict)]
