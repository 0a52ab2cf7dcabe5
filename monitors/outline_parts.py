"""A large collection for people to read, of which only those folders and requests are loaded that are open.

A node is named by its address: the places of its folders and its own, as in "0.3.12". The collection itself
has the address "".
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

from monitors.outline import Node, outline
from monitors.runner.shapes import JsonObject, as_list, objects_in

MAX_WHOLE_NODES = 100
MAX_WHOLE_SIZE = 150_000
"""The folders and requests, and the characters of JSON, of a collection that is shown as a whole."""
PAGE = 100
"""How many children of a folder are listed at a time."""

Redact: TypeAlias = Callable[[JsonObject], JsonObject]
"""Is given what is shown, and returns what of it the reader may see."""

ADDRESS = re.compile(r"\d{1,5}(\.\d{1,5}){0,100}")


class NoSuchPart(Exception):
    """The collection has nothing at this address."""


def is_small(content: JsonObject) -> bool:
    """Whether the collection is shown as a whole."""
    nodes = sum(1 for _ in islice(_below(content), MAX_WHOLE_NODES + 1))
    return nodes <= MAX_WHOLE_NODES and len(json.dumps(content)) <= MAX_WHOLE_SIZE


def part_at(content: JsonObject, address: str, start: int, redact: Redact) -> Node:
    """The node at an address, with a page of its children from `start` on, all folded. Raises NoSuchPart."""
    found = _entry_at(content, address)
    children = objects_in(found.get("item"))
    shown = children[start : start + PAGE]
    node = _own_node(found, shown, redact, is_root=not address)
    listed = [
        replace(
            child,
            address=_join(address, place),
            is_folded=True,
            requests_below=_requests_below(entry),
        )
        for place, (child, entry) in enumerate(zip(node.children, shown, strict=True), start)
    ]
    return replace(
        node,
        address=address,
        children=listed,
        requests_below=_requests_below(found),
        start=start,
        left=max(0, len(children) - start - PAGE),
    )


def opened_at(content: JsonObject, address: str, start: int, redact: Redact) -> Node:
    """The collection, with the folders open that lead to the node at an address. Raises NoSuchPart."""
    opened = part_at(content, address, start, redact)
    while opened.address:
        parent, _, last = opened.address.rpartition(".")
        first = int(last) // PAGE * PAGE
        above = part_at(content, parent, first, redact)
        children = [opened if child.address == opened.address else child for child in above.children]
        opened = replace(above, children=children)
    return opened


def _join(address: str, place: int) -> str:
    return f"{address}.{place}" if address else str(place)


def _own_node(entry: JsonObject, children: list[JsonObject], redact: Redact, is_root: bool) -> Node:
    """The node of an entry with these children, of which none has children of its own.

    It is read as a collection of a few items, so that the rules of the format are applied in one place.
    """
    without = [_without_children(child) for child in children]
    if is_root:
        return outline(redact({**entry, "item": without}))
    own = {**entry, "item": without} if _is_folder(entry) else entry
    return outline(redact({"info": {}, "item": [own]})).children[0]


def _without_children(entry: JsonObject) -> JsonObject:
    return {**entry, "item": []} if _is_folder(entry) else entry


def _is_folder(entry: JsonObject) -> bool:
    return bool(entry.get("item")) or isinstance(entry.get("item"), list)


def _entry_at(content: JsonObject, address: str) -> JsonObject:
    if address and not ADDRESS.fullmatch(address):
        raise NoSuchPart
    found = content
    for place in address.split(".") if address else ():
        children = objects_in(found.get("item"))
        if int(place) >= len(children):
            raise NoSuchPart
        found = children[int(place)]
    return found


def _requests_below(entry: JsonObject) -> int:
    """Of a folder; a request has none below it."""
    return sum(1 for below in _below(entry) if not _is_folder(below))


def _below(entry: JsonObject) -> Iterator[JsonObject]:
    """All folders and requests below, in any order. Folders may be nested deeper than a recursion goes."""
    waiting = [entry]
    while waiting:
        children = objects_in(as_list(waiting.pop().get("item")))
        yield from children
        waiting.extend(child for child in children if _is_folder(child))
