"""The variables of one run. They are copies, so changes end with the run."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitors.runner.masking import texts_in
from monitors.runner.shapes import JsonObject, as_dict
from monitors.runner.variables import Resolver, VariableScope


@dataclass
class Scopes:
    """The variable scopes of a run, and the vault."""

    environment: VariableScope
    collection: VariableScope
    globals: VariableScope
    local: VariableScope = field(default_factory=VariableScope)
    vault: dict[str, str] = field(default_factory=dict)
    secret_keys: set[str] = field(default_factory=set)
    """Names of the variables that hold secrets, in any scope. Those of the type `secret` are added to
    them."""

    def __post_init__(self) -> None:
        for scope in self.tracked.values():
            self.secret_keys |= {variable.key for variable in scope.variables if variable.type == "secret"}

    def resolver(self) -> Resolver:
        """Looks names up in postman-runtime's order: local, environment, collection, globals."""
        return Resolver([self.local, self.environment, self.collection, self.globals], self.vault)

    @property
    def secrets(self) -> list[str]:
        """The secrets as they are now: scripts may put new ones, such as tokens, into the variables."""
        scopes = (self.local, *self.tracked.values())
        variables = [scope.find(key) for scope in scopes for key in self.secret_keys]
        texts = [text for variable in variables if variable for text in texts_in(variable.value)]
        return [*self.vault.values(), *texts]

    @property
    def tracked(self) -> dict[str, VariableScope]:
        """The scopes whose changes the script bundle tracks, by its names."""
        return {
            "environment": self.environment,
            "collectionVariables": self.collection,
            "globals": self.globals,
        }

    def to_context(self) -> JsonObject:
        """The part of a script's context that holds the variables, as postman-sandbox's `execute` takes
        it."""
        context: JsonObject = {name: scope.to_json() for name, scope in self.tracked.items()}
        return {**context, "_variables": self.local.to_json(), "data": {}}

    def apply_changes(self, result: JsonObject) -> None:
        """Repeat what a script did to its copies. `result` is the execution that postman-sandbox returns."""
        for name, scope in self.tracked.items():
            scope.apply(as_dict(result.get(name)).get("mutations"))
        if local := as_dict(result.get("_variables")):
            self.local = VariableScope.from_json(local)
