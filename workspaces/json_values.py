"""JSON values: their type, reading them from outside, and making them fit for the database."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, TypeVar, cast

JsonValue: TypeAlias = "None | bool | int | float | str | list[JsonValue] | dict[str, JsonValue]"
JsonObject: TypeAlias = dict[str, JsonValue]

T = TypeVar("T")

MAX_DEPTH = 100
"""The depth that code and pages which read the JSON later can handle by recursion."""

TOO_DEEP = f"This JSON is nested more than {MAX_DEPTH} levels deep."

MAX_VALUES = 250_000
"""A value takes a hundred bytes of memory or more, however short it is in the text."""

TOO_MANY = f"This JSON holds more than {MAX_VALUES:,} values. Split it up."

# Possessive, so that a string without an end is read only once. json.loads reports it later.
STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


def parse_json(text: str | bytes) -> Any:
    """Reads JSON in UTF-8, with or without a byte order mark. Raises ValueError with a sentence.

    It rejects what a database cannot store: numbers that are not finite, NUL characters and halves of
    surrogate pairs. It also rejects JSON that is too deep or holds too many values.
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
    """Counts the values before they are made, without the commas and brackets within strings."""
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
    """How many commas and brackets there are. One precedes each value, except the first of an object."""
    return sum(map(text.count, ",[{"))


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"This JSON has a number that is not finite: {literal}.")
    return number


def _integer(literal: str) -> int:
    # Longer ones raise an error of Python's own (sys.set_int_max_str_digits).
    if len(literal) > 1000:
        raise ValueError("This JSON has a number of more than 1000 digits.")
    return int(literal)


def _strings_in(value: object) -> Iterator[str]:
    """Every text, keys included. It goes level by level, since deep nesting could exhaust recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        yield from (part for part in level if isinstance(part, str))
        level = [part for whole in level for part in _parts(whole)]
    if level:
        raise ValueError(TOO_DEEP)


def _parts(value: object) -> Iterable[object]:
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


def strip_unstorable(value: T) -> T:
    """The same value without characters that PostgreSQL or UTF-8 cannot store, in nested lists and dicts too.

    A script may print NUL characters and halves of surrogate pairs, or use them in the name of a test.
    """
    return cast(T, _stripped(value))


def _stripped(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    if isinstance(value, dict):
        return {_stripped(key): _stripped(item) for key, item in value.items()}
    return value
