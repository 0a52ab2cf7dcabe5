"""Text as both databases can keep it."""

from typing import Any


def storable(value: Any) -> Any:
    """The same value, texts within lists and dicts included, without what PostgreSQL or UTF-8 cannot hold.

    A script may print or name a test with NUL characters and halves of surrogate pairs.
    """
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value
