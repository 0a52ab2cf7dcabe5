"""The variables of one run: copies, so that a run's changes end with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitors.runner.masking import texts_in
from monitors.runner.shapes import as_dict
from monitors.runner.variables import Resolver, VariableScope


@dataclass
class Scopes:
    environment: VariableScope
    collection: VariableScope
    globals: VariableScope
    local: VariableScope = field(default_factory=VariableScope)
    vault: dict[str, str] = field(default_factory=dict)
    secret_keys: set[str] = field(default_factory=set)
    """The variables that hold secrets, in whichever scope; those of the type `secret` join them."""

    def __post_init__(self) -> None:
        for scope in self.tracked.values():
            self.secret_keys |= {variable.key for variable in scope.variables if variable.type == "secret"}

    def resolver(self) -> Resolver:
        """Local before environment, before collection, before globals (postman-runtime's order)."""
        return Resolver([self.local, self.environment, self.collection, self.globals], self.vault)

    @property
    def secrets(self) -> list[str]:
        """What is secret at this moment: scripts fetch tokens and put them there."""
        scopes = (self.local, *self.tracked.values())
        variables = [scope.find(key) for scope in scopes for key in self.secret_keys]
        texts = [text for variable in variables if variable for text in texts_in(variable.value)]
        return [*self.vault.values(), *texts]

    @property
    def tracked(self) -> dict[str, VariableScope]:
        """By the names that Postman's script bundle uses."""
        return {
            "environment": self.environment,
            "collectionVariables": self.collection,
            "globals": self.globals,
        }

    def to_context(self) -> dict[str, Any]:
        """As a script gets them."""
        context: dict[str, Any] = {name: scope.to_json() for name, scope in self.tracked.items()}
        return {**context, "_variables": self.local.to_json(), "data": {}}

    def take_changes(self, result: Mapping[str, Any]) -> None:
        """Repeat what a script did to its copies."""
        for name, scope in self.tracked.items():
            scope.apply(as_dict(result.get(name)).get("mutations"))
        if local := as_dict(result.get("_variables")):
            self.local = VariableScope.from_json(local)
