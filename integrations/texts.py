"""Texts from outside, made fit for one line of a mail, an event or a page."""

from collections.abc import Iterable


def one_line(text: str, limit: int) -> str:
    """The beginning of a text on one line, with an ellipsis where it was cut."""
    words = " ".join(text[: 4 * limit].split())
    return words if len(words) <= limit else f"{words[: limit - 1].rstrip()}…"


def listed(names: Iterable[str], most: int) -> str:
    """The first names: "a, b and 55 more"."""
    names = list(names)
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
