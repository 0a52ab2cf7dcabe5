"""Numbers in text from outside, such as the row under which the next page of a list begins."""

MAX_KEY = 2**63 - 1


def number_in(text: str) -> int | None:
    """A key of a row; None for anything else. `isdecimal` alone takes digits of any script and any count."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        return None
    return min(int(text), MAX_KEY)
