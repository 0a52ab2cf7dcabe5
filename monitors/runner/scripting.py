"""Runs a collection's scripts in the sandbox and answers what they ask of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

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
from monitors.runner.shapes import as_dict

UNSET: Any = object()


@dataclass
class ScriptsOutcome:
    """What the scripts of one event came to, together."""

    request: dict[str, Any]
    """The request as they left it."""
    skipped: bool = False
    next_request: Any = UNSET
    """A name or an id, None to stop, UNSET when no script said anything."""
    mutations: dict[str, list[Any]] = field(default_factory=dict)
    """Every change of variables, by the bundle's names of the scopes."""


class Scripts:
    """The scripts of one run, in one sandbox that opens with the first of them."""

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
        context: dict[str, Any],
        scopes: Scopes,
        execution: Execution,
        host: ScriptHost,
    ) -> ScriptsOutcome:
        """Run all scripts of an event, one after another. Raises SandboxFailed when the sandbox was lost."""
        recorder = self._context.recorder
        outcome = ScriptsOutcome(context["request"])
        for script in item.scripts_for(listen):
            done = self._execute(
                script, item, {**context, **scopes.to_context(), "request": outcome.request}, host
            )
            scopes.take_changes(done.result)
            recorder.add_secrets(scopes.secrets)
            self._collect(outcome, done)
            self._record(script, item, execution, done)
            if done.skipped_request:
                outcome.skipped = True
                break
        return outcome

    def _execute(
        self, script: Script, item: Item, context: dict[str, Any], host: ScriptHost
    ) -> ScriptOutcome:
        if self._session is None:
            self._session = SandboxSession(self._context.zygote)
        left_ms = max(1, round(self._context.seconds_left * 1000))
        timeout_ms = self._context.options.script_timeout_ms
        collection_name = self._context.collection.name
        options = ScriptOptions(
            timeout_ms=min(left_ms, timeout_ms or left_ms),
            legacy={
                "_itemId": item.id,
                # A request without a name has none for scripts, not an empty one.
                **({"_itemName": item.name} if item.name else {}),
                "_itemPath": [collection_name, *(name or None for name in (*item.folders, item.name))],
                "_eventItemName": script.owner,
            },
            cursor={"iteration": 0, "cycles": 1},
        )
        return self._session.execute(script.listen, script.source, context, options, host)

    @staticmethod
    def _collect(outcome: ScriptsOutcome, done: ScriptOutcome) -> None:
        outcome.request = _changed(outcome.request, as_dict(done.result.get("request")))
        returned = as_dict(done.result.get("return"))
        if "nextRequest" in returned:
            outcome.next_request = returned["nextRequest"]
        for name in ("_variables", "environment", "collectionVariables", "globals"):
            if mutations := as_dict(done.result.get(name)).get("mutations"):
                outcome.mutations.setdefault(name, []).append(mutations)

    def _record(self, script: Script, item: Item, execution: Execution, done: ScriptOutcome) -> None:
        recorder = self._context.recorder
        for line in done.console:
            recorder.console(line.level, line.text, item)
        for assertion in map(recorder.masked, map(_assertion, done.assertions)):
            execution.assertions.append(assertion)
            if not assertion.passed:
                recorder.console("failed", f"{assertion.name}: {assertion.error}", item)
        late = [error for error in done.exceptions if error != done.error]
        for error, is_late in [
            *([(done.error, False)] if done.error else []),
            *((error, True) for error in late),
        ]:
            failure = recorder.masked(_failure(script, error, is_late))
            execution.script_errors.append(failure)
            recorder.console("failed", f"{failure.name}: {failure.message}", item)


def _changed(request: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The request as a script left it. A body that it set to undefined and an authorization that it took away
    are still the item's, as they are for postman-runtime."""
    if not after:
        return request
    gone = {"body": "body" not in after, "auth": not after.get("auth")}
    return after | {name: request[name] for name in gone if gone[name] and name in request}


def _assertion(assertion: dict[str, Any]) -> Assertion:
    """As Newman reads the bundle's: where the error has no message, the test's name stands for it."""
    name = str(assertion.get("name") or "")
    passed = bool(assertion.get("passed"))
    error = as_dict(assertion.get("error"))
    message = None if passed else text(error.get("message", name))
    return Assertion(name, passed, bool(assertion.get("skipped")), message)


def _failure(script: Script, error: ScriptError, late: bool) -> ScriptFailure:
    return ScriptFailure(script.listen, error.name, error.message, error.line, late)
