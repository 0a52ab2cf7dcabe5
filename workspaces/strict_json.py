"""JSON from outside, read so that nothing in it can surprise the database or the engine later."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

MAX_DEPTH = 100
"""As deep as what walks through the JSON later, and its pages, can still go by recursion."""

TOO_DEEP = f"This JSON is nested more than {MAX_DEPTH} levels deep."

MAX_VALUES = 250_000
"""A value takes a hundred bytes of memory or more, whatever its length in the text."""

TOO_MANY = f"This JSON holds more than {MAX_VALUES:,} values. Split it up."

# Possessive, so that a string without an end is read once. That it is no JSON is found out later.
STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


def parse_json(text: str | bytes) -> Any:
    """Raises ValueError with a sentence for what is not JSON, or is JSON that no database keeps.

    Those are numbers that are not finite, NUL characters and halves of surrogate pairs.
    """
    try:
        # Postman for Windows starts its exports with a byte order mark.
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        _check_count(text)
        value = json.loads(text, parse_float=_finite, parse_int=_integer, parse_constant=_finite)
    except UnicodeDecodeError:
        raise ValueError("This is not text in UTF-8.")
    except json.JSONDecodeError as problem:
        raise ValueError(f"This is not JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}.")
    except RecursionError:
        raise ValueError(TOO_DEEP)
    for string in _strings_in(value):
        _check_storable(string)
    return value


def _check_count(text: str) -> None:
    """Counts the values before any is made, without the commas and brackets that stand in strings."""
    if _marks_in(text) <= MAX_VALUES:
        return
    count = end = 0
    for strings, string in enumerate(STRINGS.finditer(text), start=1):
        count += _marks_in(text[end : string.start()])
        end = string.end()
        if count > MAX_VALUES or strings > 2 * MAX_VALUES:  # keys are strings, too
            raise ValueError(TOO_MANY)
    if count + _marks_in(text[end:]) > MAX_VALUES:
        raise ValueError(TOO_MANY)


def _marks_in(text: str) -> int:
    """Of what stands before each value but the first member of an object."""
    return sum(map(text.count, ",[{"))


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"This JSON has a number that is not finite: {literal}.")
    return number


def _integer(literal: str) -> int:
    # Python refuses longer ones in its own words (sys.set_int_max_str_digits).
    if len(literal) > 1000:
        raise ValueError("This JSON has a number of more than 1000 digits.")
    return int(literal)


def _strings_in(value: Any) -> Iterator[str]:
    """Every text, keys too. Goes level by level, for recursion is what deep nesting is meant to exhaust."""
    level = [value]
    for _ in range(MAX_DEPTH):
        yield from (part for part in level if isinstance(part, str))
        level = [part for whole in level for part in _parts(whole)]
    if level:
        raise ValueError(TOO_DEEP)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _check_storable(text: str) -> None:
    if "\0" in text:
        raise ValueError("This JSON has a NUL character in a text, which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("This JSON has half of a surrogate pair in a text, which is not a character.")
