"""Makes text from outside fit on one line of a mail, an event or a page."""

from collections.abc import Iterable


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most `limit` characters, with an ellipsis if it was truncated."""
    words = " ".join(text[: 4 * limit].split())
    return words if len(words) <= limit else f"{words[: limit - 1].rstrip()}…"


def printable_line(text: str, limit: int) -> str:
    """At most `limit` characters of the text, on one line, without characters that cannot be printed."""
    words = " ".join(text[: 2 * limit].split())
    printable = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in words
    )
    return printable if len(printable) <= limit else f"{printable[:limit]}…"


def truncate(text: str, limit: int) -> str:
    """The text with at most `limit` characters, of which the last is an ellipsis if it was truncated."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def join_names(names: Iterable[str], limit: int) -> str:
    """The first `limit` names and the number of the rest: "a, b and 55 more"."""
    names = list(names)
    first = ", ".join(names[:limit])
    return f"{first} and {len(names) - limit} more" if len(names) > limit else first
