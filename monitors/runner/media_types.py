"""Media types by file name extension, as npm's mime-types gives them: the same on every machine."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

DATABASE = Path(__file__).parents[2] / "node_modules" / "mime-db" / "db.json"
SOURCES = ("nginx", "apache", None, "iana")
"""Sources of mime-db in ascending order of precedence, for extensions that several types claim."""
NO_TYPE = "application/octet-stream"


def media_type(path: str) -> str | None:
    """The type of a path or of a bare extension, as mime-types' `lookup` gives it; None for an unknown
    extension."""
    extension = _extension(f"x.{path}").lower()
    return _types_by_extension().get(extension) if extension else None


def _extension(path: str) -> str:
    """Node's `path.extname`, without the dot."""
    name = base_name(path)
    before, dot, extension = name.rpartition(".")
    return extension if dot and before else ""


def base_name(path: str) -> str:
    """Node's `path.basename`."""
    return path.rstrip("/").rpartition("/")[2]


@lru_cache(maxsize=1)
def _types_by_extension() -> dict[str, str]:
    database = json.loads(DATABASE.read_text(encoding="utf-8"))
    types: dict[str, str] = {}
    for name, entry in database.items():
        for extension in entry.get("extensions", ()):
            known = types.get(extension)
            if known is None or _replaces(name, known, database):
                types[extension] = name
    return types


def _replaces(name: str, known: str, database: dict[str, dict[str, str]]) -> bool:
    """Whether a type takes an extension from the `known` type that has claimed it (mime-types' rule)."""
    old, new = (SOURCES.index(database[one].get("source")) for one in (known, name))
    return known == NO_TYPE or (old <= new and (old != new or not known.startswith("application/")))
