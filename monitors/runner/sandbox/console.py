"""The console's arguments: from the text that the bundle sends to what a person reads.

The text is teleport-javascript's: a JSON list whose first entry is the value. A string inside an entry is the
index of another entry, or, written `_n`, of an entry in one last list for what JSON has no notation for.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from .interface import ConsoleLine, LimitExceeded
from .parsing import parse

MAX_DEPTH = 25
MAX_CHARACTERS = 20_000
MAX_LINE = 100_000
MAX_PARTS = 1_500_000
"""About 170 MB for as long as the line is written, when each is an object."""
LARGE = 200_000
_large_values = threading.Lock()
"""One at a time in a process, so that memory for them is needed once."""
ELLIPSIS = "[…]"
LINE_WIDTH = 72
TYPED_ARRAYS = {
    "B": "Buffer", "H": "Int8Array", "I": "Uint8Array", "J": "Uint8ClampedArray", "P": "Int16Array",
    "Q": "Uint16Array", "F": "Int32Array", "G": "Uint32Array", "K": "Float32Array", "L": "Float64Array",
}  # fmt: skip


@dataclass(frozen=True)
class Notation:
    """A value that JSON lacks, as the console writes it."""

    text: str


def console_line(level: str, encoded: str) -> ConsoleLine:
    """Raises ValueError, TypeError, KeyError or IndexError for text that is not teleport-javascript's."""
    with _large_values if len(encoded) > LARGE else contextlib.nullcontext():
        try:
            arguments = _Decoder(encoded, _Allowance()).arguments()
        except LimitExceeded:
            return ConsoleLine(level, "[A value that is too large or too deep to be printed]")
        text = " ".join(one if isinstance(one, str) else inspect(one) for one in arguments)
    return ConsoleLine(level, text if len(text) <= MAX_LINE else text[:MAX_LINE] + "…")


class _Allowance:
    """How many characters are still worth writing out: a line is cut for its readers anyway. A short text can
    stand for a value without end, as its entries may refer to one another."""

    def __init__(self) -> None:
        self._left = MAX_CHARACTERS

    def spend(self, count: int) -> bool:
        """False when there was nothing left."""
        was_left = self._left > 0
        self._left -= count
        return was_left

    def cut(self, text: str) -> str:
        """The text, with an ellipsis where it is cut short: by that a secret's beginning is known for one."""
        left = max(self._left, 0)
        self._left -= len(text) + 1
        return text if len(text) <= left else text[:left] + "…"


class _Decoder:
    def __init__(self, encoded: str, allowance: _Allowance) -> None:
        self._entries = parse(encoded, MAX_PARTS)
        self._references = self._entries[-1] if len(self._entries) > 1 else []
        self._allowance = allowance
        self._open: set[int] = set()

    def arguments(self) -> list[Any]:
        return self._list(self._entries[0])

    def _value(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.startswith("_"):
            return self._notation(self._references[int(value[1:])])
        index = int(value)
        if index in self._open:
            return Notation("[Circular]")
        if len(self._open) > MAX_DEPTH:
            return Notation(ELLIPSIS)
        self._open.add(index)
        decoded = self._children(self._entries[index])
        self._open.remove(index)
        return decoded

    def _children(self, entry: Any) -> Any:
        if isinstance(entry, dict):
            return {
                key: self._value(one)
                for key, one in entry.items()
                if self._allowance.spend(len(key) + self._width)
            }
        if isinstance(entry, list):
            return self._list(entry)
        return self._allowance.cut(entry) if isinstance(entry, str) else entry

    @property
    def _width(self) -> int:
        """Characters beside the member itself: what is deep stands behind a margin, on a line of its own."""
        return 1 + 2 * max(len(self._open) - 1, 0)

    def _list(self, entry: list[Any]) -> list[Any]:
        return [self._value(one) for one in entry if self._allowance.spend(self._width)]

    def _notation(self, text: str) -> Notation:
        if not self._allowance.spend(1):
            return Notation(ELLIPSIS)
        kind, rest = text[0], text[1:]
        if kind in ("M", "S"):
            members = _Decoder(rest, self._allowance).arguments()
            self._allowance.spend(len(rest))
            return Notation(_map(members) if kind == "M" else f"Set({len(members)}) {_braced(members)}")
        if kind in TYPED_ARRAYS:
            length = rest.count(",") + (rest != "[]")
            return Notation(f"{TYPED_ARRAYS[kind]}({length}) {self._allowance.cut(rest)}")
        shapes = {"u": "undefined", "b": f"{rest}n", "s": f"Symbol({rest})"}
        return Notation(self._allowance.cut(shapes.get(kind, rest)))


def _map(members: list[Any]) -> str:
    pairs = [f"{inspect(key)} => {inspect(value)}" for key, value in members]
    return f"Map({len(pairs)}) {{ {', '.join(pairs)} }}"


def _braced(members: list[Any]) -> str:
    return f"{{ {', '.join(inspect(one) for one in members)} }}"


def inspect(value: Any, indent: int = 0) -> str:
    """A value as Node's console writes it: on one line when it is short."""
    if isinstance(value, Notation):
        return value.text
    if isinstance(value, dict):
        return _block(
            "{}", [f"{_key(key)}: {inspect(one, indent + 2)}" for key, one in value.items()], indent
        )
    if isinstance(value, list):
        return _block("[]", [inspect(one, indent + 2) for one in value], indent)
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
    quote = next((one for one in "'\"`" if one not in text), "'")
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace(quote, "\\" + quote)
    return quote + escaped + quote
