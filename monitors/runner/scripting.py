"""Runs a collection's scripts in the sandbox and records what they did."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Final

from monitors.runner.context import RunContext
from monitors.runner.javascript import text
from monitors.runner.model import Item, Listen, Script
from monitors.runner.report import Assertion, Execution, ScriptFailure
from monitors.runner.sandbox import (
    SandboxSession,
    ScriptError,
    ScriptHost,
    ScriptOptions,
    ScriptOutcome,
)
from monitors.runner.scopes import Scopes
from monitors.runner.shapes import JsonObject, as_dict


class _Unset(Enum):
    UNSET = "unset"


UNSET: Final = _Unset.UNSET
"""The next request of scripts that did not call `setNextRequest`, which differs from null."""


@dataclass
class ScriptsOutcome:
    """The combined outcome of all scripts of one event."""

    request: JsonObject
    """The request as the scripts left it."""
    skipped: bool = False
    """Whether a script called `pm.execution.skipRequest`."""
    next_request: object = UNSET
    """A name or an id, None to end the run, UNSET when no script set one."""
    mutations: dict[str, list[JsonObject]] = field(default_factory=dict)
    """All changes of variables as MutationTrackers, by the bundle's names of the scopes."""


class Scripts:
    """Runs scripts in one sandbox, which it opens for the first of them."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._session: SandboxSession | None = None

    def __enter__(self) -> Scripts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            self._session.close()

    def run(
        self,
        listen: Listen,
        item: Item,
        data: JsonObject,
        scopes: Scopes,
        execution: Execution,
        host: ScriptHost,
    ) -> ScriptsOutcome:
        """Run all scripts of an event, one after another. Raises SandboxFailed when the sandbox was lost.

        `data` holds the `request`, and for test scripts its `response` and `cookies`, in Postman's JSON.
        """
        recorder = self._context.recorder
        outcome = ScriptsOutcome(as_dict(data["request"]))
        for script in item.scripts_for(listen):
            context = {**data, **scopes.to_context(), "request": outcome.request}
            script_outcome = self._execute(script, item, context, host)
            scopes.apply_changes(script_outcome.result)
            # Before anything of the script is recorded, because its output may hold new secrets.
            recorder.add_secrets(scopes.secrets)
            self._collect(outcome, script_outcome)
            self._record(script, item, execution, script_outcome)
            if script_outcome.skipped_request:
                outcome.skipped = True
                break
        return outcome

    def _execute(self, script: Script, item: Item, context: JsonObject, host: ScriptHost) -> ScriptOutcome:
        if self._session is None:
            self._session = SandboxSession(self._context.zygote)
        left_ms = max(1, round(self._context.seconds_left * 1000))
        timeout_ms = self._context.options.script_timeout_ms
        collection_name = self._context.collection.name
        options = ScriptOptions(
            timeout_ms=min(left_ms, timeout_ms or left_ms),
            legacy={
                "_itemId": item.id,
                # For scripts, a request without a name has no name rather than an empty one.
                **({"_itemName": item.name} if item.name else {}),
                "_itemPath": [collection_name, *(name or None for name in (*item.folders, item.name))],
                "_eventItemName": script.owner,
            },
            cursor={"iteration": 0, "cycles": 1},
        )
        return self._session.execute(script.listen, script.source, context, options, host)

    @staticmethod
    def _collect(outcome: ScriptsOutcome, script_outcome: ScriptOutcome) -> None:
        outcome.request = _changed(outcome.request, as_dict(script_outcome.result.get("request")))
        returned = as_dict(script_outcome.result.get("return"))
        if "nextRequest" in returned:
            outcome.next_request = returned["nextRequest"]
        for name in ("_variables", "environment", "collectionVariables", "globals"):
            if mutations := as_dict(as_dict(script_outcome.result.get(name)).get("mutations")):
                outcome.mutations.setdefault(name, []).append(mutations)

    def _record(
        self, script: Script, item: Item, execution: Execution, script_outcome: ScriptOutcome
    ) -> None:
        recorder = self._context.recorder
        for line in script_outcome.console:
            recorder.console(line.level, line.text, item)
        for assertion in map(recorder.masked, map(_assertion, script_outcome.assertions)):
            execution.assertions.append(assertion)
            if not assertion.passed:
                recorder.console("failed", f"{assertion.name}: {assertion.error}", item)
        own = [script_outcome.error] if script_outcome.error else []
        late = [error for error in script_outcome.exceptions if error != script_outcome.error]
        for error in [*own, *late]:
            failure = recorder.masked(_failure(script, error, late=error not in own))
            execution.script_errors.append(failure)
            recorder.console("failed", f"{failure.name}: {failure.message}", item)


def _changed(request: JsonObject, after: JsonObject) -> JsonObject:
    """The request as a script left it. As in postman-runtime, a script can remove neither the body nor the
    authorization: where it did, the item's remains."""
    if not after:
        return request
    removed = {"body": "body" not in after, "auth": not after.get("auth")}
    return after | {name: request[name] for name in removed if removed[name] and name in request}


def _assertion(assertion: JsonObject) -> Assertion:
    """From the bundle's JSON. Like Newman, shows the test's name when its error has no message."""
    name = str(assertion.get("name") or "")
    passed = bool(assertion.get("passed"))
    error = as_dict(assertion.get("error"))
    message = None if passed else text(error.get("message", name))
    return Assertion(name, passed, bool(assertion.get("skipped")), message)


def _failure(script: Script, error: ScriptError, late: bool) -> ScriptFailure:
    return ScriptFailure(script.listen, error.name, error.message, error.line, late)
