"""Executes one request of a collection: the scripts before it, the request itself, the scripts after it.

The rules are those of postman-runtime (item.command.js, event.command.js, request.command.js).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitors.runner.context import RunContext
from monitors.runner.exchange import SendOutcome, response_json, send
from monitors.runner.http import RequestFailed
from monitors.runner.model import Item
from monitors.runner.report import Execution, RequestError, RequestLine, SentRequest
from monitors.runner.request import PreparedRequest, prepare
from monitors.runner.sandbox import ScriptHost
from monitors.runner.scopes import Scopes
from monitors.runner.scripting import UNSET, Scripts
from monitors.runner.shapes import JsonObject


@dataclass
class ItemOutcome:
    """What executing one item came to, beside what its execution records."""

    skipped: bool = False
    """Whether a pre-request script called `pm.execution.skipRequest`."""
    sent: SendOutcome | None = None
    """The item's own request; None when it was skipped or could not be built."""
    next_request: object = UNSET
    """A name or an id, None to end the run, UNSET when no script set anything."""
    mutations: dict[str, list[JsonObject]] = field(default_factory=dict)
    """All changes of variables as MutationTrackers, by the bundle's names of the scopes."""


class ItemRunner:
    """Executes items with one set of variables and one sandbox."""

    def __init__(self, context: RunContext, scopes: Scopes, scripts: Scripts) -> None:
        self.context = context
        self.scopes = scopes
        self.scripts = scripts

    def execute(self, item: Item, execution: Execution, host: ScriptHost) -> ItemOutcome:
        """Execute one item and record it in `execution`. Raises RunEnded, and SandboxFailed when the sandbox
        was lost.

        1. Run the pre-request scripts, which may change the request or skip it.
        2. Build the request as they left it, and send it.
        3. Run the test scripts with the request as it was sent and its response. They run even when no
           response came.
        """
        before = self.scripts.run("prerequest", item, {"request": item.request}, self.scopes, execution, host)
        self.context.check_limits()
        if before.skipped:
            execution.skipped = True
            return ItemOutcome(True, None, before.next_request, before.mutations)
        request, sent = self._send_own(item, before.request, execution)
        self.context.check_limits()
        data: JsonObject = {"request": request}
        if sent and sent.exchange:
            data["response"] = response_json(sent.exchange.response)
            data["cookies"] = sent.exchange.cookies
        after = self.scripts.run("test", item, data, self.scopes, execution, host)
        return ItemOutcome(
            sent=sent,
            next_request=before.next_request if after.next_request is UNSET else after.next_request,
            mutations={
                name: before.mutations.get(name, []) + after.mutations.get(name, [])
                for name in (*before.mutations, *after.mutations)
            },
        )

    def _send_own(
        self, item: Item, definition: JsonObject, execution: Execution
    ) -> tuple[JsonObject, SendOutcome | None]:
        """Send the item's own request. Returns the request as test scripts see it, and what came of it."""
        try:
            prepared = prepare(
                definition,
                item.inherited_auth,
                item.behavior,
                self.context.request_defaults,
                self.scopes.resolver(),
                item_identity=id(item),
            )
        except RequestFailed as failure:
            self.record_unsent(item, definition, failure, execution)
            return definition, None
        outcome = self.send(prepared, item, execution)
        return prepared.definition_as_sent(outcome.sent_request), outcome

    def send(
        self, prepared: PreparedRequest, item: Item, execution: Execution, from_script: bool = False
    ) -> SendOutcome:
        """Send a request of an item or of its scripts, and record it. Safe to call from several threads."""
        recorder = self.context.recorder
        started_ms = recorder.elapsed_ms()
        outcome = send(self.context.client, prepared)
        summary = outcome.summary(from_script)
        summary.started_ms, summary.elapsed_ms = started_ms, recorder.elapsed_ms() - started_ms
        summary.item_name = item.name if execution.item_id != item.id else None
        recorder.add_secrets(token.value for token in list(self.context.client.tokens.values()))
        for warning in outcome.warnings:
            recorder.console("warn", warning, item)
        execution.sent.append(recorder.masked(summary))
        if outcome.error and not from_script:
            recorder.console("failed", outcome.error.explanation, item)
        if outcome.response and outcome.response.truncated:
            limit = self.context.options.max_response_bytes
            recorder.console("warn", f"The response is longer than {limit} bytes and was cut there.", item)
        return outcome

    def record_unsent(
        self,
        item: Item,
        definition: JsonObject,
        failure: RequestFailed,
        execution: Execution,
        from_script: bool = False,
    ) -> None:
        """Record a request that could not even be built."""
        line = RequestLine(str(definition.get("method") or "GET"), "")
        error = RequestError(failure.code, failure.message, failure.explanation)
        unsent = SentRequest(
            line,
            error=error,
            from_script=from_script,
            count=0,
            item_name=item.name if execution.item_id != item.id else None,
            started_ms=self.context.recorder.elapsed_ms(),
        )
        execution.sent.append(self.context.recorder.masked(unsent))
        self.context.recorder.console("failed", failure.explanation, item)
