"""A collection as the runner sees it: one shape for schemas 2.0 and 2.1, with all inheritance resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from monitors.runner.shapes import JsonObject
from monitors.runner.variables import VariableScope

Listen = Literal["prerequest", "test"]


@dataclass(frozen=True)
class Script:
    """One event script of a collection, a folder or a request."""

    listen: Listen
    source: str
    owner: str
    """The name of the collection, folder or request that holds the script."""


@dataclass(frozen=True)
class Item:
    """One request of a collection."""

    id: str
    name: str
    request: JsonObject
    """Postman's JSON of the request, with its variables not yet replaced. `method` is always set."""
    scripts: tuple[Script, ...] = ()
    """The collection's scripts, then those of the folders, then the request's own: the order of execution."""
    own_scripts: tuple[Script, ...] = ()
    folders: tuple[str, ...] = ()
    """Names of the folders around the request, the outermost first."""
    own_auth: JsonObject | None = None
    inherited_auth: JsonObject | None = None
    """Applies when the request has no authorization of its own."""
    behavior: JsonObject = field(default_factory=dict)
    """`protocolProfileBehavior`, merged with that of the folders and the collection."""
    description: str = ""

    def scripts_for(self, listen: Listen) -> list[Script]:
        return [script for script in self.scripts if script.listen == listen]


@dataclass(frozen=True)
class Folder:
    """A folder of a collection."""

    id: str
    name: str
    children: tuple[Folder | Item, ...]
    own_scripts: tuple[Script, ...] = ()
    own_auth: JsonObject | None = None
    description: str = ""

    @property
    def items(self) -> Iterator[Item]:
        """Every request in this folder and the folders below it, in the order in which they run."""
        for child in self.children:
            if isinstance(child, Item):
                yield child
            else:
                yield from child.items


@dataclass(frozen=True)
class Collection(Folder):
    """A whole collection: the root folder, with the collection's variables."""

    variables: VariableScope = field(default_factory=VariableScope)

    @property
    def has_scripts(self) -> bool:
        return any(item.scripts for item in self.items)
