"""Converts the console's arguments from the bundle's encoding to text for people.

The encoding is teleport-javascript's: a JSON list whose first entry is the value. A string inside an entry is
the index of another entry. The string `_n` is an index into the last entry, a list of values that JSON lacks.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass

from .interface import ConsoleLine, LimitExceeded
from .parsing import parse

MAX_DEPTH = 25
MAX_CHARACTERS = 20_000
MAX_LINE = 100_000
MAX_PARTS = 1_500_000
"""Values in one line: about 170 MB while the line is decoded, when each is an object."""
LARGE = 200_000
"""Characters of encoded text from which a process decodes only one line at a time, to save memory."""
_large_line = threading.Lock()
ELLIPSIS = "[…]"
LINE_WIDTH = 72
TYPED_ARRAYS = {
    "B": "Buffer", "H": "Int8Array", "I": "Uint8Array", "J": "Uint8ClampedArray", "P": "Int16Array",
    "Q": "Uint16Array", "F": "Int32Array", "G": "Uint32Array", "K": "Float32Array", "L": "Float64Array",
}  # fmt: skip


@dataclass(frozen=True)
class Printed:
    """A value that JSON lacks, already in the form in which a console prints it."""

    text: str


def console_line(level: str, encoded: str) -> ConsoleLine:
    """The line for one call of the console.

    Raises ValueError, TypeError, KeyError, IndexError or AttributeError for text in another encoding.
    """
    with _large_line if len(encoded) > LARGE else contextlib.nullcontext():
        try:
            arguments = _Decoder(encoded, _CharacterBudget()).arguments()
        except LimitExceeded:
            return ConsoleLine(level, "[A value that is too large or too deep to be printed]")
        text = " ".join(value if isinstance(value, str) else inspect(value) for value in arguments)
    return ConsoleLine(level, text if len(text) <= MAX_LINE else text[:MAX_LINE] + "…")


class _CharacterBudget:
    """The characters that are left for a line. A short encoded text can stand for an endless value, because
    its entries may refer to one another."""

    def __init__(self) -> None:
        self._left = MAX_CHARACTERS

    def spend(self, count: int) -> bool:
        """Returns False when nothing was left."""
        was_left = self._left > 0
        self._left -= count
        return was_left

    def cut(self, text: str) -> str:
        """The text, cut to what is left. The ellipsis shows masking that a secret may be cut off there."""
        left = max(self._left, 0)
        self._left -= len(text) + 1
        return text if len(text) <= left else text[:left] + "…"


class _Decoder:
    """Decodes one encoded list of arguments."""

    def __init__(self, encoded: str, budget: _CharacterBudget) -> None:
        entries = parse(encoded, MAX_PARTS)
        if not isinstance(entries, list):
            raise TypeError("the encoding is not a list")
        self._entries: list[object] = entries
        last = entries[-1] if len(entries) > 1 else []
        self._special_values: list[object] = last if isinstance(last, list) else []
        self._budget = budget
        self._open: set[int] = set()

    def arguments(self) -> list[object]:
        first = self._entries[0]
        if not isinstance(first, list):
            raise TypeError("the arguments are not a list")
        return self._list(first)

    def _value(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.startswith("_"):
            return self._special_value(str(self._special_values[int(value[1:])]))
        index = int(value)
        if index in self._open:
            return Printed("[Circular]")
        if len(self._open) > MAX_DEPTH:
            return Printed(ELLIPSIS)
        self._open.add(index)
        decoded = self._children(self._entries[index])
        self._open.remove(index)
        return decoded

    def _children(self, entry: object) -> object:
        if isinstance(entry, dict):
            return {
                key: self._value(value)
                for key, value in entry.items()
                if self._budget.spend(len(key) + self._width)
            }
        if isinstance(entry, list):
            return self._list(entry)
        return self._budget.cut(entry) if isinstance(entry, str) else entry

    @property
    def _width(self) -> int:
        """Characters beside the member itself: a deep one is printed on its own line with an indent."""
        return 1 + 2 * max(len(self._open) - 1, 0)

    def _list(self, entry: list[object]) -> list[object]:
        return [self._value(value) for value in entry if self._budget.spend(self._width)]

    def _special_value(self, text: str) -> Printed:
        if not self._budget.spend(1):
            return Printed(ELLIPSIS)
        kind, rest = text[0], text[1:]
        if kind in ("M", "S"):
            members = _Decoder(rest, self._budget).arguments()
            self._budget.spend(len(rest))
            return Printed(_map(members) if kind == "M" else f"Set({len(members)}) {_braced(members)}")
        if kind in TYPED_ARRAYS:
            length = rest.count(",") + (rest != "[]")
            return Printed(f"{TYPED_ARRAYS[kind]}({length}) {self._budget.cut(rest)}")
        shapes = {"u": "undefined", "b": f"{rest}n", "s": f"Symbol({rest})"}
        return Printed(self._budget.cut(shapes.get(kind, rest)))


def _map(members: list[object]) -> str:
    # A pair that is too deep is not a list but one printed value.
    pairs = [" => ".join(map(inspect, pair)) if isinstance(pair, list) else inspect(pair) for pair in members]
    return f"Map({len(pairs)}) {{ {', '.join(pairs)} }}"


def _braced(members: list[object]) -> str:
    return f"{{ {', '.join(map(inspect, members))} }}"


def inspect(value: object, indent: int = 0) -> str:
    """A value as Node's console prints it: on one line when it is short."""
    if isinstance(value, Printed):
        return value.text
    if isinstance(value, dict):
        return _block(
            "{}", [f"{_key(key)}: {inspect(member, indent + 2)}" for key, member in value.items()], indent
        )
    if isinstance(value, list):
        return _block("[]", [inspect(member, indent + 2) for member in value], indent)
    if isinstance(value, str):
        return _quoted(value)
    return json.dumps(value).replace("e-0", "e-")


def _block(brackets: str, members: list[str], indent: int) -> str:
    if not members:
        return brackets
    line = f"{brackets[0]} {', '.join(members)} {brackets[1]}"
    if len(line) + indent <= LINE_WIDTH and "\n" not in line:
        return line
    margin = "\n" + " " * (indent + 2)
    return f"{brackets[0]}{margin}{f',{margin}'.join(members)}\n{' ' * indent}{brackets[1]}"


def _key(key: str) -> str:
    return key if key.isidentifier() else _quoted(key)


def _quoted(text: str) -> str:
    quote = next((mark for mark in "'\"`" if mark not in text), "'")
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace(quote, "\\" + quote)
    return quote + escaped + quote
