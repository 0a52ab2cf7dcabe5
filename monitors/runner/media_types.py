"""The media type of a file by the ending of its name, as in npm's mime-types: the same on every machine."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

DATABASE = Path(__file__).parents[2] / "node_modules" / "mime-db" / "db.json"
# Whose word counts more where several types claim an ending, from least to most.
SOURCES = ("nginx", "apache", None, "iana")
NO_TYPE = "application/octet-stream"


def media_type(path: str) -> str | None:
    """The type of a file by its name, or by what is an ending alone; None where nobody knows the ending."""
    ending = _ending(f"x.{path}").lower()
    return _types().get(ending) if ending else None


def _ending(path: str) -> str:
    """As Node's `path.extname` has it, without the dot."""
    name = base_name(path)
    before, dot, ending = name.rpartition(".")
    return ending if dot and before else ""


def base_name(path: str) -> str:
    """As Node's `path.basename` has it."""
    return path.rstrip("/").rpartition("/")[2]


@lru_cache(maxsize=1)
def _types() -> dict[str, str]:
    database = json.loads(DATABASE.read_text(encoding="utf-8"))
    types: dict[str, str] = {}
    for name, entry in database.items():
        for ending in entry.get("extensions", ()):
            known = types.get(ending)
            if known is None or _comes_before(known, name, database):
                types[ending] = name
    return types


def _comes_before(known: str, name: str, database: dict[str, dict[str, str]]) -> bool:
    """Whether a type takes the place of one that has claimed the same ending."""
    before, after = (SOURCES.index(database[one].get("source")) for one in (known, name))
    return known == NO_TYPE or (before <= after and (before != after or not known.startswith("application/")))
