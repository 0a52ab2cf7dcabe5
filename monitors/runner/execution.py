"""The course of a run: which request comes next, and what happens with each.

The rules are those of postman-runtime (waterfall.command.js, item.command.js, event.command.js) as Newman
runs it: a script that throws and a request without an answer do not stop the run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from monitors.runner.bodies import Files
from monitors.runner.exchange import Answer, response_json, send
from monitors.runner.http import EgressPolicy, HttpClient, RequestFailed
from monitors.runner.javascript import text
from monitors.runner.model import Collection, Item
from monitors.runner.options import RunOptions
from monitors.runner.recorder import MOST_CHARACTERS, Progress, Recorder
from monitors.runner.report import Execution, RequestError, RequestLine, RunReport, RunResult, SentRequest
from monitors.runner.request import PreparedRequest, RequestDefaults, prepare
from monitors.runner.sandbox import SandboxFailed, ScriptHost, Zygote
from monitors.runner.scopes import Scopes
from monitors.runner.script_host import RunHost
from monitors.runner.scripting import UNSET, Scripts
from monitors.runner.variables import VariableScope

DEFAULT_OPTIONS = RunOptions()
PUBLIC_ADDRESSES = EgressPolicy()
MOST_EXECUTIONS = 10_000
"""A loop of setNextRequest may not fill the memory within its five minutes."""


class RunEnded(Exception):
    """The run may not go on; the message says why."""


@dataclass
class ItemOutcome:
    """What executing one item came to, beside what its execution records."""

    skipped: bool = False
    answer: Answer | None = None
    next_request: Any = UNSET
    mutations: dict[str, list[Any]] = field(default_factory=dict)


def run_collection(
    collection: Collection,
    *,
    environment: VariableScope | None = None,
    globals: VariableScope | None = None,
    options: RunOptions = DEFAULT_OPTIONS,
    egress: EgressPolicy = PUBLIC_ADDRESSES,
    zygote: Zygote | None = None,
    secrets: Iterable[str] = (),
    secret_keys: Iterable[str] = (),
    progress: Progress | None = None,
) -> RunReport:
    """Run a collection once and tell what came of it. Never raises for what the collection does.

    `environment` and `globals` stay as they are: changes end with the run. `zygote` is where sandboxes come
    from; keep one for the life of a process, without one a run with scripts boots its own. `progress` is
    called with every line of the console, and with every execution as it ends.

    Masked in the report are `secrets`, the tokens that the run fetches, and whatever the vault, variables of
    the type `secret` and those named in `secret_keys` come to hold.
    """
    recorder = Recorder(collection.name, secrets, progress)
    recorder.stage("Preparing run")
    deadline = time.monotonic() + options.timeout_ms / 1000
    scopes = Scopes(
        environment=environment.copy() if environment else VariableScope(),
        collection=collection.variables.copy(),
        globals=globals.copy() if globals else VariableScope(),
        vault=dict(options.vault),
        secret_keys=set(secret_keys),
    )
    recorder.hide(scopes.secrets)
    own_zygote = Zygote() if zygote is None and collection.has_scripts else None
    client = HttpClient(
        egress,
        timeout_ms=options.request_timeout_ms,
        verify_tls=options.verify_tls,
        max_response_bytes=options.max_response_bytes,
        hosts=options.hosts,
        proxy=options.proxy,
        deadline=deadline,
    )
    scripts = Scripts(
        zygote or own_zygote or Zygote(), collection.name, recorder, deadline, options.script_timeout_ms
    )
    try:
        with client, scripts:
            recorder.stage(f"Running {collection.name}")
            CollectionRun(collection, scopes, options, client, scripts, recorder, deadline).run()
    except RunEnded as ended:
        return recorder.finish(aborted=str(ended))
    except SandboxFailed as failure:
        return recorder.finish(error=str(failure))
    except RecursionError:
        return recorder.finish(error="The collection holds JSON that is nested too deep.")
    finally:
        if own_zygote:
            own_zygote.close()
    return recorder.finish()


class CollectionRun:
    def __init__(
        self,
        collection: Collection,
        scopes: Scopes,
        options: RunOptions,
        client: HttpClient,
        scripts: Scripts,
        recorder: Recorder,
        deadline: float,
    ) -> None:
        self.collection = collection
        self.items = list(collection.items)
        self._by_id = {item.id: at for at, item in enumerate(self.items)}
        self._by_name = {item.name: at for at, item in enumerate(self.items) if item.name}
        self.scopes = scopes
        self.options = options
        self.client = client
        self.scripts = scripts
        self.recorder = recorder
        self.deadline = deadline
        self.defaults = RequestDefaults(options.follow_redirects, options.verify_tls, Files(options.files))

    def run(self) -> None:
        position: int | None = 0
        while position is not None and position < len(self.items):
            position = self._next(position, self._with_retries(self.items[position]))

    def _next(self, position: int, wanted: Any) -> int | None:
        """The position that follows; None, for null and for what no request is called, ends the run."""
        if wanted is UNSET:
            return position + 1
        if wanted is None:
            return None
        name = text(wanted)
        return self._by_id.get(name, self._by_name.get(name))

    def _with_retries(self, item: Item) -> Any:
        """Execute an item until it does well or has no attempt left; says which request is wanted next."""
        attempt = 1
        while True:
            execution = Execution(item.id, item.name, item.folders, attempt)
            try:
                self._pause()
                outcome = self.execute(item, execution, RunHost(self, item, execution))
                execution.retried = self._may_retry(item, execution)
            finally:
                self.recorder.execution(execution)
            self._check_limits()
            if not execution.retried:
                return outcome.next_request
            attempt += 1
            self.recorder.stage(f"Rerunning {item.name} (attempt {attempt})")

    def _may_retry(self, item: Item, execution: Execution) -> bool:
        method = execution.request.method if execution.request else item.request["method"]
        method = method or "GET"
        return execution.result != RunResult.SUCCESSFUL and self.options.may_retry(method, execution.attempt)

    def execute(self, item: Item, execution: Execution, host: ScriptHost) -> ItemOutcome:
        """One item: the scripts before it, its request, the scripts after it."""
        before = self.scripts.run("prerequest", item, {"request": item.request}, self.scopes, execution, host)
        self._check_limits()
        if before.skipped:
            execution.skipped = True
            return ItemOutcome(True, None, before.next_request, before.mutations)
        request, answer = self._request(item, before.request, execution)
        self._check_limits()
        context: dict[str, Any] = {"request": request}
        if answer and answer.exchange:
            context["response"] = response_json(answer.exchange.response)
            context["cookies"] = answer.exchange.cookies
        after = self.scripts.run("test", item, context, self.scopes, execution, host)
        return ItemOutcome(
            answer=answer,
            next_request=before.next_request if after.next_request is UNSET else after.next_request,
            mutations={
                name: before.mutations.get(name, []) + after.mutations.get(name, [])
                for name in (*before.mutations, *after.mutations)
            },
        )

    def _request(
        self, item: Item, definition: dict[str, Any], execution: Execution
    ) -> tuple[dict[str, Any], Answer | None]:
        """Send the item's own request; returns it as test scripts see it, with the answer."""
        try:
            prepared = prepare(
                definition,
                item.inherited_auth,
                item.behaviour,
                self.defaults,
                self.scopes.resolver(),
                item_identity=id(item),
            )
        except RequestFailed as failure:
            self.record_unsent(item, definition, failure, execution)
            return definition, None
        answer = self.send(prepared, item, execution)
        return prepared.definition_as_sent(answer.sent_request), answer

    def send(
        self, prepared: PreparedRequest, item: Item, execution: Execution, from_script: bool = False
    ) -> Answer:
        """Send a request of an item or of its scripts, and record it."""
        answer = send(self.client, prepared)
        self.recorder.hide(token.value for token in list(self.client.tokens.values()))
        for warning in answer.warnings:
            self.recorder.console("warn", warning, item)
        execution.sent.append(self.recorder.taken(answer.summary(from_script)))
        if answer.error and not from_script:
            self.recorder.console("failed", answer.error.explanation, item)
        if answer.response and answer.response.truncated:
            limit = self.options.max_response_bytes
            self.recorder.console(
                "warn", f"The response is longer than {limit} bytes and was cut there.", item
            )
        return answer

    def record_unsent(
        self,
        item: Item,
        definition: dict[str, Any],
        failure: RequestFailed,
        execution: Execution,
        from_script: bool = False,
    ) -> None:
        """A request that could not even be put together."""
        line = RequestLine(str(definition.get("method") or "GET"), "")
        error = RequestError(failure.code, failure.message, failure.explanation)
        unsent = SentRequest(line, error=error, from_script=from_script, count=0)
        execution.sent.append(self.recorder.taken(unsent))
        self.recorder.console("failed", failure.explanation, item)

    def nested(self, scopes: Scopes, scripts: Scripts) -> CollectionRun:
        """The same run for one request that a script asked for, with variables of its own."""
        return CollectionRun(
            self.collection, scopes, self.options, self.client, scripts, self.recorder, self.deadline
        )

    def _pause(self) -> None:
        if self.options.delay_ms:
            time.sleep(max(0.0, min(self.options.delay_ms / 1000, self.deadline - time.monotonic())))
        self._check_limits()

    def _check_limits(self) -> None:
        if time.monotonic() >= self.deadline:
            raise RunEnded(f"The run was ended after {self.options.timeout_ms / 1000:g} seconds.")
        if len(self.recorder.report.executions) >= MOST_EXECUTIONS:
            raise RunEnded(f"The run was ended after {MOST_EXECUTIONS} requests.")
        if self.recorder.is_full:
            raise RunEnded(
                f"The run was ended: its tests, errors and requests come to more than {MOST_CHARACTERS} "
                "characters."
            )
