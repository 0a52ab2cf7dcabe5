"""Variables: scopes of them, and filling them into text.

The rules are those of postman-collection (variable-scope.js, variable.js, superstring): the last enabled
entry of a name counts, values keep their type and are written as JavaScript writes them, a name that nobody
knows stays as it is.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from monitors.runner import javascript
from monitors.runner.dynamic import dynamic_value
from monitors.runner.http.failures import failure
from monitors.runner.shapes import as_dict, as_list

REFERENCE = re.compile(r"\{\{([^{}]*?)\}\}")
MAX_PASSES = 19
"""A value may name another variable, that one a third: so many times over
(Substitutor.VARS_SUBREPLACE_LIMIT)."""
MAX_CHARACTERS = 20_000_000
"""That the variables of one request may come to: values that name others several times grow without end."""


class _Undefined(Enum):
    UNDEFINED = "undefined"


UNDEFINED: Any = _Undefined.UNDEFINED
"""The value of a variable that has none, which is not null."""


def _number(value: Any) -> Any:
    try:
        return float(value) if "." in str(value) or "e" in str(value).lower() else int(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


CASTS: dict[str, Callable[[Any], Any]] = {
    "string": lambda value: "undefined" if value is UNDEFINED else javascript.text(value),
    "boolean": lambda value: bool(value) and value is not UNDEFINED,
    "number": _number,
}


@dataclass
class Variable:
    key: str
    value: Any = UNDEFINED
    type: str = "any"
    disabled: bool = False

    def set(self, value: Any) -> None:
        self.value = CASTS[self.type](value) if self.type in CASTS else value

    @property
    def text(self) -> str:
        """What stands in a request in its place."""
        value = self._parsed() if self.type in ("array", "object") else self.value
        return "" if value is UNDEFINED else javascript.text(value)

    def _parsed(self) -> Any:
        try:
            value = json.loads(self.value) if isinstance(self.value, str) else self.value
        except ValueError:
            return UNDEFINED
        return value if isinstance(value, list if self.type == "array" else dict) else UNDEFINED

    @classmethod
    def from_json(cls, definition: Mapping[str, Any]) -> Variable:
        type_name = str(definition.get("type") or "any").lower()
        variable = cls(str(definition["key"]), type=type_name, disabled=bool(definition.get("disabled")))
        if "value" in definition:
            variable.set(definition["value"])
        return variable

    def to_json(self) -> dict[str, Any]:
        definition = {"key": self.key, "type": self.type}
        if self.value is not UNDEFINED:
            definition["value"] = self.value
        return definition | {"disabled": True} if self.disabled else definition


@dataclass
class VariableScope:
    """One set of variables: an environment, the globals, a collection's, or the run's own."""

    variables: list[Variable] = field(default_factory=list)
    name: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        self._enabled = {variable.key: variable for variable in self.variables if not variable.disabled}

    @classmethod
    def from_json(cls, definition: Mapping[str, Any]) -> VariableScope:
        entries = as_list(definition.get("values"))
        named = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("key") is not None]
        scope = cls([Variable.from_json(entry) for entry in named], str(definition.get("name") or ""))
        scope.id = str(definition.get("id") or scope.id)
        return scope

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "values": [variable.to_json() for variable in self.variables],
        }

    def copy(self) -> VariableScope:
        """The same variables, to be changed by one run."""
        return VariableScope([replace(variable) for variable in self.variables], self.name, self.id)

    def find(self, key: str) -> Variable | None:
        return self._enabled.get(key)

    def set(self, key: str, value: Any) -> None:
        if variable := self.find(key):
            variable.set(value)
        else:
            self._enabled[key] = Variable(key, value)
            self.variables.append(self._enabled[key])

    def apply(self, mutations: Any) -> None:
        """Repeat what a script did to its copy (postman-collection's MutationTracker as JSON)."""
        known = as_dict(mutations)
        unset = set()
        for mutation in [*as_dict(known.get("compacted")).values(), *as_list(known.get("stream"))]:
            match mutation:
                case [key]:
                    self._enabled.pop(str(key), None)
                    unset.add(str(key))
                case [key, value, *_]:
                    self.set(str(key), value)
        # In one go: a script may have unset thousands. What it set anew after that stays.
        self.variables = [
            variable
            for variable in self.variables
            if variable.disabled or variable.key not in unset or variable is self._enabled.get(variable.key)
        ]


class Resolver:
    """Fills variables into one request's texts, from the scopes given (the nearest first), then the dynamic
    ones. Raises RequestFailed when they come to too much."""

    def __init__(self, scopes: Iterable[VariableScope], vault: Mapping[str, str] | None = None) -> None:
        self.scopes = list(scopes)
        self.vault = vault or {}
        self._characters = 0

    def text(self, template: str) -> str:
        if "{{" not in template:
            return template
        for _ in range(MAX_PASSES):
            filled = REFERENCE.sub(self._replacement, template)
            if filled == template:
                break
            template = filled
        return template

    def value(self, value: Any) -> Any:
        """A copy of some JSON with every text in it filled in; the names of its members stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {name: self.value(item) for name, item in value.items()}
        return value

    def _replacement(self, match: re.Match[str]) -> str:
        value = self._value_of(match)
        self._characters += len(value)
        if self._characters > MAX_CHARACTERS:
            raise failure(
                "",
                f"The request's variables come to more than {MAX_CHARACTERS} characters",
                "Look for a variable whose value names other variables, or itself, more than once.",
            )
        return value

    def _value_of(self, match: re.Match[str]) -> str:
        name = match[1]
        for scope in self.scopes:
            if variable := scope.find(name):
                return variable.text
        if name.startswith("$"):
            return dynamic_value(name[1:]) or match[0]
        if name.startswith("vault:"):
            return self.vault.get(name.removeprefix("vault:"), match[0])
        return match[0]
