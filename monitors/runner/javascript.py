"""JavaScript's conversions between values, text and bytes, which decide what Postman sends."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal

MAX_SAFE_INTEGER = 2**53
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def number_text(value: int | float) -> str:
    """`String(number)`: the fewest digits that identify the number, without an exponent from 1e-6 up to
    1e21."""
    if isinstance(value, int) and abs(value) <= MAX_SAFE_INTEGER:
        return str(value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf if value > 0 else -math.inf
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    if 1e-6 <= abs(number) < 1e21:
        text = format(Decimal(repr(number)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = repr(number).split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"


def text(value: object) -> str:
    """`String(value)` for a value that JSON can hold."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list):
        return ",".join("" if item is None else text(item) for item in value)
    return "[object Object]"


def well_formed(text: str) -> str:
    """`String.prototype.toWellFormed`: a lone surrogate becomes U+FFFD, a pair of them one character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def utf8(text: str) -> bytes:
    """`Buffer.from(text)`."""
    return well_formed(text).encode()


def json_text(value: object) -> str:
    """`JSON.stringify(value)`."""
    if isinstance(value, bool) or value is None:
        return text(value)
    if isinstance(value, int | float):
        written = number_text(value)
        return written if written[-1].isdigit() else "null"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(key)}:{json_text(item)}" for key, item in value.items()) + "}"
    paired = text(value).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(paired, ensure_ascii=False))


def decode_base64(text: str) -> bytes:
    """`Buffer.from(text, "base64")`: ignores other characters, reads the URL alphabet too, needs no
    padding."""
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text.replace("-", "+").replace("_", "/"))
    letters = letters[: len(letters) // 4 * 4 + (0 if len(letters) % 4 == 1 else len(letters) % 4)]
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


def _is_index(key: str) -> bool:
    return key.isdecimal() and str(int(key)) == key and int(key) < 2**32 - 1


def object_order(keys: Iterable[str]) -> list[str]:
    """Keys in the order in which an object enumerates them: array indexes first, ascending."""
    listed = list(keys)
    indexes = {key for key in listed if len(key) <= 10 and _is_index(key)}
    return sorted(indexes, key=int) + [key for key in listed if key not in indexes]
