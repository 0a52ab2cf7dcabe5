"""From Postman's JSON to the runner's model: collections of schema 2.0 and 2.1, environments and globals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitors.runner.errors import CollectionError, VariablesError
from monitors.runner.headers import header_entries
from monitors.runner.javascript import text
from monitors.runner.json_files import read_json
from monitors.runner.model import Collection, Definition, Folder, Item, Listen, Script
from monitors.runner.shapes import as_list
from monitors.runner.variables import VariableScope

LISTENS: tuple[Listen, ...] = ("prerequest", "test")
MAX_ITEMS = 20_000
"""Folders and requests; a run executes 10,000."""
MAX_FOLDER_DEPTH = 100
MAX_SCRIPTS = 100
"""Of one request, with those of its folders: each request holds them all."""
MAX_BEHAVIOR = 100
"""Members of `protocolProfileBehavior`, which each request holds too."""


def load_collection(source: str | Path | Mapping[str, Any]) -> Collection:
    """A collection from its JSON or from a file that holds it. Raises CollectionError with a sentence that
    says why not."""
    data = source if isinstance(source, Mapping) else read_json(source, CollectionError)
    if isinstance(data, Mapping) and isinstance(data.get("collection"), Mapping):  # as Postman's API wraps it
        data = data["collection"]
    _check(data)
    info = data["info"]
    name = str(info.get("name") or "Unnamed collection")
    root = _Inherited(
        scripts=_scripts(data, name), auth=_auth(data.get("auth")), behavior=_behavior(data), folders=()
    )
    return Collection(
        id=str(info.get("_postman_id") or info.get("id") or uuid.uuid4()),
        name=name,
        children=_children(data["item"], root),
        own_scripts=root.scripts,
        variables=VariableScope.from_json({"values": as_list(data.get("variable"))}),
    )


def load_variables(
    source: str | Path | Mapping[str, Any] | list[Any], kind: str = "environment"
) -> VariableScope:
    """An environment or the globals, from exported JSON or from a file that holds it. Raises
    VariablesError."""
    data = read_json(source, VariablesError) if isinstance(source, str | Path) else source
    if isinstance(data, Mapping) and isinstance(data.get(kind), Mapping):  # as Postman's API wraps it
        data = data[kind]
    if isinstance(data, list):
        data = {"values": data}
    if not isinstance(data, Mapping) or not isinstance(data.get("values"), list):
        article = "an environment" if kind == "environment" else "a set of globals"
        raise VariablesError(
            f"This is not {article}: it has no list of values. Export it from Postman as JSON."
        )
    return VariableScope.from_json(data)


def _check(data: Any) -> None:
    if not isinstance(data, Mapping):
        raise CollectionError("This is not a Postman collection: it is not a JSON object.")
    if isinstance(data.get("requests"), list) and "item" not in data:
        raise CollectionError("This is a collection of format v1: export it from Postman as Collection v2.1.")
    if isinstance(data.get("values"), list) and "item" not in data:
        raise CollectionError("This is an environment, not a collection: export the collection from Postman.")
    if not isinstance(data.get("info"), Mapping) or not isinstance(data.get("item"), list):
        raise CollectionError(
            "This is not a Postman collection: it has no `info` and `item`. Export it as Collection v2.1."
        )
    _check_size(data["item"])


def _check_size(level: list[Any]) -> None:
    """Level by level, for recursion is what deep nesting would exhaust."""
    count = 0
    for _ in range(MAX_FOLDER_DEPTH + 1):
        count += len(level)
        if count > MAX_ITEMS:
            raise CollectionError(
                f"This collection has more than {MAX_ITEMS} folders and requests. Split it into several."
            )
        level = [
            child for entry in level if isinstance(entry, Mapping) for child in as_list(entry.get("item"))
        ]
        if not level:
            return
    raise CollectionError(f"This collection has folders that are nested more than {MAX_FOLDER_DEPTH} deep.")


@dataclass(frozen=True)
class _Inherited:
    """What a folder hands down to what it holds."""

    scripts: tuple[Script, ...]
    auth: Definition | None
    behavior: dict[str, Any]
    folders: tuple[str, ...]

    def for_folder(self, data: Mapping[str, Any], name: str) -> _Inherited:
        return replace(
            self,
            scripts=_with_scripts(self.scripts, data, name),
            auth=_auth(data.get("auth")) or self.auth,
            behavior=self.behavior | _behavior(data),
            folders=(*self.folders, name),
        )


def _children(entries: list[Any], inherited: _Inherited) -> tuple[Folder | Item, ...]:
    return tuple(_child(entry, inherited) for entry in entries if isinstance(entry, Mapping))


def _child(data: Mapping[str, Any], inherited: _Inherited) -> Folder | Item:
    name = text(data.get("name") or "")
    identifier = str(data.get("id") or data.get("_postman_id") or uuid.uuid4())
    if not data.get("item") and not isinstance(data.get("item"), list):
        return Item(
            id=identifier,
            name=name,
            request=_request(data.get("request")),
            scripts=_with_scripts(inherited.scripts, data, name),
            folders=inherited.folders,
            inherited_auth=inherited.auth,
            behavior=inherited.behavior | _behavior(data),
        )
    passed_on = inherited.for_folder(data, name)
    return Folder(identifier, name, _children(as_list(data.get("item")), passed_on), _scripts(data, name))


def _request(data: Any) -> Definition:
    """The request as an object; a mere text is a GET of that URL."""
    request = dict(data) if isinstance(data, Mapping) else {"url": data if isinstance(data, str) else ""}
    method = request.get("method")
    request["method"] = method.upper() if isinstance(method, str) else "GET"
    if "header" in request:
        request["header"] = header_entries(request["header"])
    return request


def _auth(data: Any) -> Definition | None:
    return dict(data) if isinstance(data, Mapping) and isinstance(data.get("type"), str) else None


def _behavior(data: Mapping[str, Any]) -> dict[str, Any]:
    behavior = data.get("protocolProfileBehavior")
    if not isinstance(behavior, Mapping):
        return {}
    if len(behavior) > MAX_BEHAVIOR:
        raise CollectionError(f"A `protocolProfileBehavior` has more than {MAX_BEHAVIOR} members.")
    return dict(behavior)


def _with_scripts(inherited: tuple[Script, ...], data: Mapping[str, Any], name: str) -> tuple[Script, ...]:
    scripts = inherited + _scripts(data, name)
    if len(scripts) > MAX_SCRIPTS:
        raise CollectionError(
            f"“{name[:100]}” has more than {MAX_SCRIPTS} scripts, its folders' and the collection's included."
        )
    return scripts


def _scripts(data: Mapping[str, Any], owner: str) -> tuple[Script, ...]:
    given = data.get("event")
    events = [
        event
        for event in ([given] if isinstance(given, Mapping) else as_list(given))
        if isinstance(event, Mapping) and not event.get("disabled")
    ]
    found = [
        (event["listen"], _source(event.get("script"))) for event in events if event.get("listen") in LISTENS
    ]
    return tuple(Script(listen, source, owner) for listen, source in found if source.strip())


def _source(script: Any) -> str:
    lines = script.get("exec") if isinstance(script, Mapping) and not script.get("src") else script
    if isinstance(lines, list):
        return "\n".join(text(line) for line in lines if line is not None)
    return lines.replace("\r\n", "\n") if isinstance(lines, str) else ""
