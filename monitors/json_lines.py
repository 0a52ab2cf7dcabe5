"""JSON as lines for people, and what differs between two values, by key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from workspaces.json_values import JsonValue, parse_json

Mark = Literal["", "add", "del"]
INDENT = "  "


@dataclass(frozen=True)
class Line:
    text: str
    mark: Mark = ""
    """Whether only the newer or only the older value has it."""


def lines_of(text: str) -> list[Line]:
    """JSON with one member on each line; any other text as it is."""
    try:
        value = parse_json(text)
    except ValueError:
        return [Line(line) for line in text.split("\n")]
    return list(_whole(value, "", "", ""))


def differences(old: str, new: str) -> list[Line]:
    """The newer text with what differs in the older one: by key where both are JSON, else by line."""
    try:
        before, after = parse_json(old), parse_json(new)
    except ValueError:
        return _different_lines(old.split("\n"), new.split("\n"))
    return list(_compared(before, after, "", "", ""))


def _different_lines(old: list[str], new: list[str]) -> list[Line]:
    """Takes one part in the middle as different: to find several takes time that grows with the square."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    end = next((at for at in range(shorter - start) if old[-1 - at] != new[-1 - at]), shorter - start)
    return [
        *map(Line, new[:start]),
        *(Line(text, "del") for text in old[start : len(old) - end]),
        *(Line(text, "add") for text in new[start : len(new) - end]),
        *map(Line, new[len(new) - end :]),
    ]


def _whole(value: JsonValue, indent: str, before: str, after: str, mark: Mark = "") -> Iterator[Line]:
    """The lines of a value that stands between `before`, such as its key, and `after`, such as a comma."""
    printed = json.dumps(value, ensure_ascii=False, indent=INDENT).split("\n")
    printed[0] = before + printed[0]
    printed[-1] += after
    for line in printed:
        yield Line(indent + line, mark)


def _compared(old: JsonValue, new: JsonValue, indent: str, before: str, after: str) -> Iterator[Line]:
    if type(old) is type(new) and old == new:
        yield from _whole(new, indent, before, after)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield Line(f"{indent}{before}{{")
        yield from _members(old, new, indent + INDENT)
        yield Line(f"{indent}}}{after}")
    elif isinstance(old, list) and isinstance(new, list):
        yield Line(f"{indent}{before}[")
        yield from _elements(old, new, indent + INDENT)
        yield Line(f"{indent}]{after}")
    else:
        yield from _whole(old, indent, before, after, "del")
        yield from _whole(new, indent, before, after, "add")


def _members(old: dict[str, JsonValue], new: dict[str, JsonValue], indent: str) -> Iterator[Line]:
    names = list(dict.fromkeys([*old, *new]))
    for place, name in enumerate(names, start=1):
        before, after = f"{json.dumps(name, ensure_ascii=False)}: ", "," * (place < len(names))
        if name not in new:
            yield from _whole(old[name], indent, before, after, "del")
        elif name not in old:
            yield from _whole(new[name], indent, before, after, "add")
        else:
            yield from _compared(old[name], new[name], indent, before, after)


def _elements(old: list[JsonValue], new: list[JsonValue], indent: str) -> Iterator[Line]:
    count = max(len(old), len(new))
    for place in range(count):
        after = "," * (place + 1 < count)
        if place >= len(new):
            yield from _whole(old[place], indent, "", after, "del")
        elif place >= len(old):
            yield from _whole(new[place], indent, "", after, "add")
        else:
            yield from _compared(old[place], new[place], indent, "", after)
