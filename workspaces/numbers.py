"""Numbers in text from outside, such as the primary key in a URL's query."""

MAX_KEY = 2**63 - 1


def number_in(text: str) -> int | None:
    """The primary key of a row; None for anything else.

    `isdecimal` alone would accept digits of any script and any length.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        return None
    return min(int(text), MAX_KEY)
