"""Variables: sets of them, and their replacement in texts.

The rules are those of postman-collection (variable-scope.js, variable.js, superstring): of several enabled
variables with one name the last counts, values keep their types and are written as JavaScript writes them,
and a reference to an unknown name stays as it is.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from monitors.runner import javascript
from monitors.runner.dynamic import dynamic_value
from monitors.runner.http.failures import failure
from monitors.runner.shapes import JsonObject, as_dict, as_list, objects_in

REFERENCE = re.compile(r"\{\{([^{}]*?)\}\}")
MAX_PASSES = 19
"""A variable's value may refer to another variable, and so on: as often as
Substitutor.VARS_SUBREPLACE_LIMIT."""
MAX_CHARACTERS = 20_000_000
"""Characters of all values in one request: values that refer to others several times grow exponentially."""


class _Undefined(Enum):
    UNDEFINED = "undefined"


UNDEFINED: Final = _Undefined.UNDEFINED
"""The value of a variable that has none. It differs from null."""


def _number(value: object) -> float | int:
    if not isinstance(value, str | int | float):
        return float("nan")
    try:
        return float(value) if "." in str(value) or "e" in str(value).lower() else int(value)
    except (ValueError, OverflowError):
        return float("nan")


CASTS: dict[str, Callable[[object], object]] = {
    "string": lambda value: "undefined" if value is UNDEFINED else javascript.text(value),
    "boolean": lambda value: bool(value) and value is not UNDEFINED,
    "number": _number,
}


@dataclass
class Variable:
    """One variable of a scope. `value` is any JSON value, or UNDEFINED."""

    key: str
    value: object = UNDEFINED
    type: str = "any"
    """`any`, `string`, `boolean`, `number`, `array`, `object`, `secret`, or any other text from an export."""
    disabled: bool = False

    def set(self, value: object) -> None:
        """Assign a value, cast to the variable's type."""
        self.value = CASTS[self.type](value) if self.type in CASTS else value

    @property
    def text(self) -> str:
        """The text that replaces a reference to the variable."""
        value = self._parsed() if self.type in ("array", "object") else self.value
        return "" if value is UNDEFINED else javascript.text(value)

    def _parsed(self) -> object:
        try:
            value = json.loads(self.value) if isinstance(self.value, str) else self.value
        except ValueError:
            return UNDEFINED
        return value if isinstance(value, list if self.type == "array" else dict) else UNDEFINED

    @classmethod
    def from_json(cls, definition: JsonObject) -> Variable:
        """From Postman's JSON, which must have a `key`."""
        type_name = str(definition.get("type") or "any").lower()
        variable = cls(str(definition["key"]), type=type_name, disabled=bool(definition.get("disabled")))
        if "value" in definition:
            variable.set(definition["value"])
        return variable

    def to_json(self) -> JsonObject:
        definition: JsonObject = {"key": self.key, "type": self.type}
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
    def from_json(cls, definition: JsonObject) -> VariableScope:
        """From an exported environment or Postman's JSON of a VariableScope. Skips values without a key."""
        named = [entry for entry in objects_in(definition.get("values")) if entry.get("key") is not None]
        scope = cls([Variable.from_json(entry) for entry in named], str(definition.get("name") or ""))
        scope.id = str(definition.get("id") or scope.id)
        return scope

    def to_json(self) -> JsonObject:
        return {
            "id": self.id,
            "name": self.name,
            "values": [variable.to_json() for variable in self.variables],
        }

    def copy(self) -> VariableScope:
        """The same variables in a scope that one run may change."""
        return VariableScope([replace(variable) for variable in self.variables], self.name, self.id)

    def find(self, key: str) -> Variable | None:
        """The enabled variable of that name."""
        return self._enabled.get(key)

    def set(self, key: str, value: object) -> None:
        """Assign a value to the enabled variable of that name, or add one."""
        if variable := self.find(key):
            variable.set(value)
        else:
            self._enabled[key] = Variable(key, value)
            self.variables.append(self._enabled[key])

    def apply(self, mutations: object) -> None:
        """Repeat what a script did to its copy. `mutations` is postman-collection's MutationTracker as
        JSON."""
        tracker = as_dict(mutations)
        unset = set()
        for mutation in [*as_dict(tracker.get("compacted")).values(), *as_list(tracker.get("stream"))]:
            match mutation:
                case [key]:
                    self._enabled.pop(str(key), None)
                    unset.add(str(key))
                case [key, value, *_]:
                    self.set(str(key), value)
        # All at once, because a script may unset thousands of variables. One that it set again afterwards
        # stays.
        self.variables = [
            variable
            for variable in self.variables
            if variable.disabled or variable.key not in unset or variable is self._enabled.get(variable.key)
        ]


class Resolver:
    """Replaces the references in one request's texts: `{{name}}`, `{{$dynamic}}` and `{{vault:name}}`.

    `scopes` are searched in their order. Raises RequestFailed when all values together have more than
    MAX_CHARACTERS characters.
    """

    def __init__(self, scopes: Iterable[VariableScope], vault: Mapping[str, str] | None = None) -> None:
        self.scopes = list(scopes)
        self.vault = vault or {}
        self._characters = 0

    def text(self, template: str) -> str:
        """The text with its references replaced, and those in the values too."""
        if "{{" not in template:
            return template
        for _ in range(MAX_PASSES):
            resolved = REFERENCE.sub(self._replacement, template)
            if resolved == template:
                break
            template = resolved
        return template

    def value(self, value: object) -> object:
        """A copy of a JSON value with the references in all its strings replaced, but not in names of
        members."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return self.members(value)
        return value

    def members(self, definition: JsonObject) -> JsonObject:
        """Like `value`, for an object."""
        return {name: self.value(item) for name, item in definition.items()}

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
