"""Converts header fields between the JSON of collections and scripts and the form of the wire."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitors.runner import javascript
from monitors.runner.http.headers import Headers
from monitors.runner.shapes import as_list

LINE_END = re.compile("[\n\r\u2028\u2029]")


def headers_from_json(header: Any) -> Headers:
    """The enabled fields of a request's `header`, a list or one text, as Node would send them.

    Fields spelled exactly alike go out one after the other; of fields that differ in case only the last
    spelling goes out, in the place of the first.
    """
    spellings: dict[str, list[str]] = {}
    for entry in _enabled(header_entries(header)):
        spellings.setdefault(str(entry["key"]), []).append(_value(entry))
    fields: dict[str, tuple[str, list[str]]] = {}
    for name, values in spellings.items():
        fields[name.lower()] = (name, values)
    return Headers((name, value) for name, values in fields.values() for value in values)


def with_disabled(sent: Sequence[tuple[str, str]], header: Any) -> list[dict[str, Any]]:
    """What went out as scripts see it: in the order of the request's definition, with its disabled fields."""
    shown: list[dict[str, Any]] = []
    positions: dict[str, deque[int]] = {}
    for position, (name, _) in enumerate(sent):
        positions.setdefault(name, deque()).append(position)
    left = dict(enumerate(sent))
    for entry in as_list(header):
        if not isinstance(entry, dict):
            continue
        key = entry.get("key")
        if entry.get("disabled"):
            shown.append(entry)
        elif isinstance(key, str) and positions.get(key):
            name, value = left.pop(positions[key].popleft())
            shown.append(entry if _value(entry) == value else entry | {"key": name, "value": value})
    return shown + [field | {"system": True} for field in headers_to_json(left.values())]


def headers_to_json(headers: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"key": name, "value": value} for name, value in headers]


def header_entries(header: Any) -> list[Any]:
    """A request's `header` as a list of its fields, whichever of Postman's forms it has."""
    if isinstance(header, str):
        return _parse(header)
    if isinstance(header, dict):
        return headers_to_json(header.items())
    return [_parse_line(entry) if isinstance(entry, str) else entry for entry in as_list(header)]


def _enabled(entries: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("key") and not entry.get("disabled"):
            yield entry


def _value(entry: Mapping[str, Any]) -> str:
    return javascript.text(entry.get("value", ""))


def _parse(text: str) -> list[dict[str, str]]:
    """What looks like a field. A line that begins with a space, or has one in the name, is left out: so
    Postman's editor writes a field that is switched off, with two slashes and a space before it."""
    fields = []
    for line in LINE_END.split(text):
        until_space = line.split(maxsplit=1)[0] if line.strip() and not line[0].isspace() else ""
        colon = until_space.rfind(":")
        if colon > 0:
            fields.append({"key": line[:colon], "value": line[colon + 1 :].strip()})
    return fields


def _parse_line(line: str) -> dict[str, str]:
    key, _, value = line.partition(":")
    return {"key": key.strip(), "value": value.strip()}
