"""Durations in words, the one way in which pages, mails and help texts say them."""

UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def in_words(seconds: float, *, units: int = 2, smallest: int = 1) -> str:
    """ "45 s", "4 min 10 s", "2 h 5 min": rounded to the last of the `units` that are shown.

    From `smallest` seconds on, it is also rounded to a multiple of `smallest`.
    """
    whole = max(0, round(seconds))
    first = next((at for at, (size, _) in enumerate(UNITS) if whole >= size), len(UNITS) - 1)
    step = UNITS[min(first + units, len(UNITS)) - 1][0]
    if whole >= smallest:
        step = max(step, smallest)
    rest = (whole + step // 2) // step * step
    parts = []
    for size, unit in UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


def milliseconds_in_words(milliseconds: int | None) -> str:
    """ "840 ms", "1.2 s", "4 min 10 s"; a dash for None."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    return in_words(milliseconds / 1000)
