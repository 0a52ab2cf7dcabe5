"""JSON from outside, read so that nothing in it can surprise the database or the engine later."""

import json
import math
from collections.abc import Iterator
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Raises ValueError with a sentence for what is not JSON, or is JSON that no database keeps.

    Those are numbers that are not finite, NUL characters and halves of surrogate pairs.
    """
    try:
        # Postman for Windows starts its exports with a byte order mark.
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        value = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except UnicodeDecodeError:
        raise ValueError("This is not text in UTF-8.")
    except json.JSONDecodeError as problem:
        raise ValueError(f"This is not JSON: {problem.msg} at line {problem.lineno}, column {problem.colno}.")
    except RecursionError:
        raise ValueError("This JSON is nested too deeply.")
    for string in _strings_in(value):
        _check_storable(string)
    return value


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"This JSON has a number that is not finite: {literal}.")
    return number


def _strings_in(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())


def _check_storable(text: str) -> None:
    if "\0" in text:
        raise ValueError("This JSON has a NUL character in a text, which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("This JSON has half of a surrogate pair in a text, which is not a character.")
