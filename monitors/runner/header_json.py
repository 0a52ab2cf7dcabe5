"""Converts header fields between the JSON of collections and scripts and the form of the wire."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence

from monitors.runner import javascript
from monitors.runner.http.headers import Headers
from monitors.runner.shapes import JsonObject, as_list, objects_in

LINE_END = re.compile("[\n\r\u2028\u2029]")


def headers_from_json(header: object) -> Headers:
    """The enabled fields of a request's `header`, a list or a string, as Node sends them.

    Fields with the same spelling are all sent. Of spellings that differ in case, only the last one is sent,
    at the position of the first.
    """
    spellings: dict[str, list[str]] = {}
    for entry in _enabled(header_entries(header)):
        spellings.setdefault(str(entry["key"]), []).append(_value(entry))
    fields: dict[str, tuple[str, list[str]]] = {}
    for name, values in spellings.items():
        fields[name.lower()] = (name, values)
    return Headers((name, value) for name, values in fields.values() for value in values)


def with_disabled(sent: Sequence[tuple[str, str]], header: object) -> list[JsonObject]:
    """The sent fields as scripts see them: in the order of the request's `header`, with its disabled
    fields."""
    shown: list[JsonObject] = []
    positions: dict[str, deque[int]] = {}
    for position, (name, _) in enumerate(sent):
        positions.setdefault(name, deque()).append(position)
    left = dict(enumerate(sent))
    for entry in objects_in(header):
        key = entry.get("key")
        if entry.get("disabled"):
            shown.append(entry)
        elif isinstance(key, str) and positions.get(key):
            name, value = left.pop(positions[key].popleft())
            shown.append(entry if _value(entry) == value else entry | {"key": name, "value": value})
    return shown + [field | {"system": True} for field in headers_to_json(left.values())]


def headers_to_json(headers: Iterable[tuple[str, object]]) -> list[JsonObject]:
    """Fields in Postman's JSON."""
    return [{"key": name, "value": value} for name, value in headers]


def header_entries(header: object) -> list[object]:
    """A request's `header`, in any of Postman's formats, as a list of fields in Postman's JSON."""
    if isinstance(header, str):
        return [*_parse(header)]
    if isinstance(header, dict):
        return [*headers_to_json(header.items())]
    return [_parse_line(entry) if isinstance(entry, str) else entry for entry in as_list(header)]


def _enabled(entries: list[object]) -> list[JsonObject]:
    return [entry for entry in objects_in(entries) if entry.get("key") and not entry.get("disabled")]


def _value(entry: JsonObject) -> str:
    return javascript.text(entry.get("value", ""))


def _parse(text: str) -> list[JsonObject]:
    """The fields of a string. Ignores lines that begin with a space or have one in the name: Postman's editor
    marks a disabled field by two slashes and a space."""
    fields: list[JsonObject] = []
    for line in LINE_END.split(text):
        until_space = line.split(maxsplit=1)[0] if line.strip() and not line[0].isspace() else ""
        colon = until_space.rfind(":")
        if colon > 0:
            fields.append({"key": line[:colon], "value": line[colon + 1 :].strip()})
    return fields


def _parse_line(line: str) -> JsonObject:
    key, _, value = line.partition(":")
    return {"key": key.strip(), "value": value.strip()}
