"""The variables that a collection refers to and that nothing defines: such a reference stays as it is.

What scripts put into variables is known where they say the name, as in `pm.environment.set("token", …)`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from monitors import runner
from monitors.models import Collection, CollectionVersion, Environment, VaultSecret
from monitors.runner.dynamic import dynamic_names
from monitors.runner.model import Folder, Item
from monitors.runner.shapes import JsonObject, as_dict
from monitors.runner.variables import REFERENCE

MAX_NAMES = 300
"""How many different names are looked at. One collection may refer to any number."""
MAX_NAME = 255

SET_BY_SCRIPT = re.compile(
    r"\.(?:set|setEnvironmentVariable|setGlobalVariable)\(\s*(['\"`])([^'\"`\\\n]{1,255})\1"
)
VAULT = "vault:"
NOT_SENT = ("description", "response", "event", "raw")


@dataclass(frozen=True)
class _Uses:
    """What one version of a collection says of variables."""

    references: tuple[str, ...]
    """In the order in which they come."""
    set_by_scripts: frozenset[str]
    variables: dict[str, tuple[str, ...]]
    """The collection's own variables, each with the names that its value refers to."""


def undefined_variables(collection: Collection, environment: Environment | None) -> list[str]:
    """The names in the order in which requests use them. Raises SecretUnreadable."""
    if collection.latest_id is None:
        return []
    created_at = CollectionVersion.objects.values_list("created_at", flat=True).get(pk=collection.latest_id)
    uses = _uses_of(collection.latest_id, created_at)
    defined = dict(uses.variables)
    if environment:
        enabled = environment.variables.filter(is_enabled=True)
        defined |= {variable.key: tuple(_names_in(variable.value)) for variable in enabled}
    secrets = VaultSecret.objects.for_workspace(collection.workspace).values_list("key", flat=True)
    given = {*uses.set_by_scripts, *(f"{VAULT}{key}" for key in secrets), *_dynamic()}
    return [
        name for name in _with_names_in_values(uses.references, defined) if name not in {*given, *defined}
    ]


def _with_names_in_values(references: Iterable[str], defined: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """The names, and those that the values of these variables refer to, each once."""
    seen: set[str] = set()
    waiting = list(reversed(list(references)))
    while waiting and len(seen) < MAX_NAMES:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting.extend(reversed(defined.get(name, ())))


@lru_cache(maxsize=1)
def _dynamic() -> frozenset[str]:
    return frozenset(f"${name}" for name in dynamic_names())


@lru_cache(maxsize=64)
def _uses_of(version_id: int, created_at: datetime) -> _Uses:
    """A version never changes, so it is read once. Of secrets nothing but names is kept."""
    version = CollectionVersion.objects.get(pk=version_id)
    collection = runner.load_collection(version.content)
    references: dict[str, None] = {}
    set_by_scripts: set[str] = set()
    for part in _parts(collection):
        for script in part.own_scripts:
            set_by_scripts |= {match[2] for match in SET_BY_SCRIPT.finditer(script.source)}
        sent = [_auth(part.own_auth), _sent(part.request) if isinstance(part, Item) else None]
        if len(references) < MAX_NAMES:
            references |= dict.fromkeys(_names_in(sent))
    enabled = [variable for variable in collection.variables.variables if not variable.disabled]
    return _Uses(
        references=tuple(references)[:MAX_NAMES],
        set_by_scripts=frozenset(sorted(set_by_scripts)[:MAX_NAMES]),
        variables={variable.key: tuple(_names_in(variable.value)) for variable in enabled},
    )


def _parts(folder: Folder) -> Iterator[Folder | Item]:
    waiting: list[Folder | Item] = [folder]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Folder):
            waiting.extend(reversed(part.children))


def _sent(request: JsonObject) -> JsonObject:
    """The parts of a request that are sent: of its body only that of the chosen mode."""
    body = as_dict(request.get("body"))
    url = request.get("url")
    return {
        # The text of a URL also has the parameters that are switched off.
        "url": url.get("raw") if isinstance(url, dict) and not url.get("host") else url,
        "header": request.get("header"),
        "body": body.get(str(body.get("mode"))),
    }


def _auth(auth: JsonObject | None) -> object:
    return auth.get(str(auth.get("type"))) if auth else None


def _names_in(value: object) -> list[str]:
    """The names in all strings of a JSON value but in what is switched off, each once, in order."""
    found: dict[str, None] = {}
    waiting = [value]
    while waiting and len(found) < MAX_NAMES:
        part = waiting.pop()
        if isinstance(part, str):
            found |= dict.fromkeys(
                match[1] for match in REFERENCE.finditer(part) if len(match[1]) <= MAX_NAME
            )
        elif isinstance(part, list):
            waiting.extend(reversed(part))
        elif isinstance(part, dict) and not part.get("disabled"):
            waiting.extend(reversed([item for name, item in part.items() if name not in NOT_SENT]))
    return list(found)
