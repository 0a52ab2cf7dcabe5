"""A collection as the runner sees it: one shape for schema 2.0 and 2.1, with everything inherited already
in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from monitors.runner.variables import VariableScope

Listen = Literal["prerequest", "test"]
Definition = dict[str, Any]
"""A part of a collection as its JSON has it: a request, an authorization."""


@dataclass(frozen=True)
class Script:
    listen: Listen
    source: str
    owner: str
    """The name of the collection, folder or request that holds it."""


@dataclass(frozen=True)
class Item:
    """One request of a collection."""

    id: str
    name: str
    request: Definition
    """In Postman's JSON, variables not yet filled in."""
    scripts: tuple[Script, ...] = ()
    """In the order of running: the collection's, the folders', its own."""
    folders: tuple[str, ...] = ()
    inherited_auth: Definition | None = None
    """What applies when the request has no authorization of its own."""
    behavior: dict[str, Any] = field(default_factory=dict)
    """`protocolProfileBehavior`, merged with that of the folders and the collection."""

    def scripts_for(self, listen: Listen) -> list[Script]:
        return [script for script in self.scripts if script.listen == listen]


@dataclass(frozen=True)
class Folder:
    id: str
    name: str
    children: tuple[Folder | Item, ...]
    own_scripts: tuple[Script, ...] = ()

    @property
    def items(self) -> Iterator[Item]:
        """Every request below, in the order of running."""
        for child in self.children:
            if isinstance(child, Item):
                yield child
            else:
                yield from child.items


@dataclass(frozen=True)
class Collection(Folder):
    variables: VariableScope = field(default_factory=VariableScope)

    @property
    def has_scripts(self) -> bool:
        return any(item.scripts for item in self.items)
