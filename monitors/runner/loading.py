"""Builds the runner's model from Postman's JSON: collections of schemas 2.0 and 2.1, environments and
globals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from monitors.runner.errors import CollectionError, VariablesError
from monitors.runner.header_json import header_entries
from monitors.runner.javascript import text
from monitors.runner.json_files import read_json
from monitors.runner.model import Collection, Folder, Item, Listen, Script
from monitors.runner.shapes import JsonObject, as_dict, as_list, as_text, objects_in
from monitors.runner.variables import VariableScope

LISTENS: tuple[Listen, ...] = ("prerequest", "test")
MAX_ITEMS = 20_000
"""Folders and requests of a collection. A run executes at most 10,000 requests."""
MAX_FOLDER_DEPTH = 100
MAX_SCRIPTS = 100
"""Scripts of one request, including those of its folders: each request holds them all."""
MAX_BEHAVIOR = 100
"""Members of `protocolProfileBehavior`, which each request holds too."""


def load_collection(source: str | Path | Mapping[str, object]) -> Collection:
    """The collection in parsed JSON, or in the file at a path. It may be wrapped as Postman's API wraps it.

    Raises CollectionError with a sentence that says why the JSON is not a collection that can be run.
    """
    given = source if isinstance(source, Mapping) else read_json(source, CollectionError)
    data = _checked(_unwrapped(given, "collection"))
    info = as_dict(data["info"])
    name = str(info.get("name") or "Unnamed collection")
    root = _Inherited(
        scripts=_scripts(data, name), auth=_auth(data.get("auth")), behavior=_behavior(data), folders=()
    )
    return Collection(
        id=str(info.get("_postman_id") or info.get("id") or uuid.uuid4()),
        name=name,
        children=_children(data, root),
        own_scripts=root.scripts,
        own_auth=root.auth,
        description=_description(data.get("description")),
        variables=VariableScope.from_json({"values": as_list(data.get("variable"))}),
    )


def load_variables(
    source: str | Path | Mapping[str, object] | Sequence[object], kind: str = "environment"
) -> VariableScope:
    """An environment, or globals, in parsed JSON or in the file at a path. A bare list of variables will do.

    `kind` is `environment` or `globals`. Raises VariablesError with a sentence that says why the JSON is
    neither.
    """
    data = _unwrapped(read_json(source, VariablesError) if isinstance(source, str | Path) else source, kind)
    if isinstance(data, list):
        data = {"values": data}
    if not isinstance(data, dict) or not isinstance(data.get("values"), list):
        article = "an environment" if kind == "environment" else "a set of globals"
        raise VariablesError(
            f"This is not {article}: it has no list of values. Export it from Postman as JSON."
        )
    return VariableScope.from_json(data)


def _unwrapped(data: object, name: str) -> object:
    """Without the object around it that Postman's API adds."""
    if isinstance(data, dict) and isinstance(data.get(name), dict):
        return data[name]
    return data


def _checked(data: object) -> JsonObject:
    if not isinstance(data, dict):
        raise CollectionError("This is not a Postman collection: it is not a JSON object.")
    if isinstance(data.get("requests"), list) and "item" not in data:
        raise CollectionError("This is a collection of format v1: export it from Postman as Collection v2.1.")
    if isinstance(data.get("values"), list) and "item" not in data:
        raise CollectionError("This is an environment, not a collection: export the collection from Postman.")
    if not isinstance(data.get("info"), dict) or not isinstance(data.get("item"), list):
        raise CollectionError(
            "This is not a Postman collection: it has no `info` and `item`. Export it as Collection v2.1."
        )
    _check_size(data["item"])
    return data


def _check_size(level: list[object]) -> None:
    """Goes through the folders level by level: deep nesting would exhaust a recursion."""
    count = 0
    for _ in range(MAX_FOLDER_DEPTH + 1):
        count += len(level)
        if count > MAX_ITEMS:
            raise CollectionError(
                f"This collection has more than {MAX_ITEMS} folders and requests. Split it into several."
            )
        level = [child for entry in level for child in as_list(as_dict(entry).get("item"))]
        if not level:
            return
    raise CollectionError(f"This collection has folders that are nested more than {MAX_FOLDER_DEPTH} deep.")


@dataclass(frozen=True)
class _Inherited:
    """What a folder passes on to its children."""

    scripts: tuple[Script, ...]
    auth: JsonObject | None
    behavior: JsonObject
    folders: tuple[str, ...]

    def for_folder(
        self, folder: JsonObject, name: str, own_scripts: tuple[Script, ...], own_auth: JsonObject | None
    ) -> _Inherited:
        return replace(
            self,
            scripts=_with_scripts(self.scripts, own_scripts, name),
            auth=own_auth or self.auth,
            behavior=self.behavior | _behavior(folder),
            folders=(*self.folders, name),
        )


def _children(folder: JsonObject, inherited: _Inherited) -> tuple[Folder | Item, ...]:
    return tuple(_child(entry, inherited) for entry in objects_in(folder.get("item")))


def _child(data: JsonObject, inherited: _Inherited) -> Folder | Item:
    name = text(data.get("name") or "")
    identifier = str(data.get("id") or data.get("_postman_id") or uuid.uuid4())
    own_scripts = _scripts(data, name)
    if data.get("item") or isinstance(data.get("item"), list):
        own_auth = _auth(data.get("auth"))
        return Folder(
            id=identifier,
            name=name,
            children=_children(data, inherited.for_folder(data, name, own_scripts, own_auth)),
            own_scripts=own_scripts,
            own_auth=own_auth,
            description=_description(data.get("description")),
        )
    request = _request(data.get("request"))
    return Item(
        id=identifier,
        name=name,
        request=request,
        scripts=_with_scripts(inherited.scripts, own_scripts, name),
        own_scripts=own_scripts,
        folders=inherited.folders,
        own_auth=_auth(request.get("auth")),
        inherited_auth=inherited.auth,
        behavior=inherited.behavior | _behavior(data),
        description=_description(data.get("description") or request.get("description")),
    )


def _request(data: object) -> JsonObject:
    """The request as an object. In a collection it may also be a string, which is the URL of a GET."""
    request = dict(data) if isinstance(data, dict) else {"url": data if isinstance(data, str) else ""}
    method = request.get("method")
    request["method"] = method.upper() if isinstance(method, str) else "GET"
    if "header" in request:
        request["header"] = header_entries(request["header"])
    return request


def _auth(data: object) -> JsonObject | None:
    return dict(data) if isinstance(data, dict) and isinstance(data.get("type"), str) else None


def _behavior(data: JsonObject) -> JsonObject:
    behavior = as_dict(data.get("protocolProfileBehavior"))
    if len(behavior) > MAX_BEHAVIOR:
        raise CollectionError(f"A `protocolProfileBehavior` has more than {MAX_BEHAVIOR} members.")
    return dict(behavior)


def _description(data: object) -> str:
    """A description is a string, or an object with its content and its type."""
    return as_text(data.get("content") if isinstance(data, dict) else data) or ""


def _with_scripts(inherited: tuple[Script, ...], own: tuple[Script, ...], name: str) -> tuple[Script, ...]:
    scripts = inherited + own
    if len(scripts) > MAX_SCRIPTS:
        raise CollectionError(
            f"“{name[:100]}” has more than {MAX_SCRIPTS} scripts, its folders' and the collection's included."
        )
    return scripts


def _scripts(data: JsonObject, owner: str) -> tuple[Script, ...]:
    given = data.get("event")
    events = [given] if isinstance(given, dict) else objects_in(given)
    enabled = [event for event in events if not event.get("disabled")]
    return tuple(
        Script(listen, source, owner)
        for event in enabled
        for listen in LISTENS
        if event.get("listen") == listen and (source := _source(event.get("script"))).strip()
    )


def _source(script: object) -> str:
    lines = script.get("exec") if isinstance(script, dict) and not script.get("src") else script
    if isinstance(lines, list):
        return "\n".join(text(line) for line in lines if line is not None)
    return lines.replace("\r\n", "\n") if isinstance(lines, str) else ""
