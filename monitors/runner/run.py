"""The course of a run: which request comes next, and how often each is tried.

The rules are those of postman-runtime (waterfall.command.js) as Newman runs it: neither a script that throws
nor a request without a response stops the run.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

from monitors.runner.context import RunContext, RunEnded
from monitors.runner.http import EgressPolicy, HttpClient
from monitors.runner.item_runner import ItemRunner
from monitors.runner.javascript import text
from monitors.runner.model import Collection, Item
from monitors.runner.options import RunOptions
from monitors.runner.recorder import Progress, Recorder
from monitors.runner.report import Execution, RunReport, RunResult, UnsentItem
from monitors.runner.sandbox import SandboxFailed, Zygote
from monitors.runner.scopes import Scopes
from monitors.runner.script_host import RunHost
from monitors.runner.scripting import UNSET, Scripts
from monitors.runner.variables import VariableScope

DEFAULT_OPTIONS = RunOptions()
PUBLIC_ADDRESSES = EgressPolicy()


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
    stop: threading.Event | None = None,
) -> RunReport:
    """Run a collection once and report what came of it. Never raises for anything that the collection does.

    `environment` and `globals` are not changed: a run works on copies. `zygote` forks the sandboxes: keep one
    for the life of a process; without one, a run with scripts boots its own. `progress` is called with every
    line of the console, and with every execution as it ends. Once `stop` is set, the run ends before its next
    request or script.

    The report masks `secrets`, the tokens that the run fetches, and every value of the vault, of variables of
    the type `secret` and of those named in `secret_keys`.
    """
    recorder = Recorder(collection.name, secrets, progress, options.keep)
    recorder.stage("Preparing run")
    deadline = time.monotonic() + options.timeout_ms / 1000
    scopes = _scopes(environment, collection.variables, globals, options, secret_keys)
    recorder.add_secrets(scopes.secrets)
    own_zygote = Zygote() if zygote is None and collection.has_scripts else None
    client = _client(egress, options, deadline)
    context = RunContext(
        collection,
        options,
        client,
        zygote or own_zygote or Zygote(),
        recorder,
        deadline,
        stop or threading.Event(),
    )
    try:
        with client, Scripts(context) as scripts:
            recorder.stage(f"Running {collection.name}")
            _run_items(CollectionRun(context, scopes, scripts), recorder)
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


def _scopes(
    environment: VariableScope | None,
    variables: VariableScope,
    globals: VariableScope | None,
    options: RunOptions,
    secret_keys: Iterable[str],
) -> Scopes:
    return Scopes(
        environment=environment.copy() if environment else VariableScope(),
        collection=variables.copy(),
        globals=globals.copy() if globals else VariableScope(),
        vault=dict(options.vault),
        secret_keys=set(secret_keys),
    )


def _client(egress: EgressPolicy, options: RunOptions, deadline: float) -> HttpClient:
    return HttpClient(
        egress,
        timeout_ms=options.request_timeout_ms,
        verify_tls=options.verify_tls,
        max_response_bytes=options.max_response_bytes,
        hosts=options.hosts,
        proxy=options.proxy,
        deadline=deadline,
    )


def _run_items(run: CollectionRun, recorder: Recorder) -> None:
    try:
        run.run()
    finally:
        recorder.unsent(run.unsent())


class CollectionRun:
    """Goes through the items of one run, in the order that its scripts ask for."""

    def __init__(self, context: RunContext, scopes: Scopes, scripts: Scripts) -> None:
        self._context = context
        self._item_runner = ItemRunner(context, scopes, scripts)
        self._by_id = {item.id: index for index, item in enumerate(context.items)}
        self._by_name = {item.name: index for index, item in enumerate(context.items) if item.name}
        self._positions: list[int] = []
        """The position of each execution in the collection."""

    def run(self) -> None:
        position: int | None = 0
        items = self._context.items
        while position is not None and position < len(items):
            position = self._next(position, self._with_retries(position))

    def unsent(self) -> Iterator[UnsentItem]:
        """The requests that the run did not come to, where they stand in the collection."""
        items = self._context.items
        reached = set(self._positions)
        missing = deque(position for position in range(len(items)) if position not in reached)
        for index, position in enumerate([*self._positions, len(items)]):
            while missing and missing[0] < position:
                item = items[missing.popleft()]
                method = str(item.request["method"])
                yield UnsentItem(item.id, item.name, item.folders, method, index)

    def _next(self, position: int, wanted: object) -> int | None:
        """The position that follows. None, for null and for a name that no request has, ends the run."""
        if wanted is UNSET:
            return position + 1
        if wanted is None:
            return None
        name = text(wanted)
        return self._by_id.get(name, self._by_name.get(name))

    def _with_retries(self, position: int) -> object:
        """Execute an item until it succeeds or has no attempt left. Returns which request its scripts ask for
        next."""
        item = self._context.items[position]
        recorder = self._context.recorder
        attempt = 1
        while True:
            execution = Execution(item.id, item.name, item.folders, attempt)
            try:
                self._pause()
                host = RunHost(self._item_runner, item, execution)
                outcome = self._item_runner.execute(item, execution, host)
                execution.retried = self._may_retry(item, execution)
            finally:
                self._positions.append(position)
                recorder.execution(execution)
            self._context.check_limits()
            if not execution.retried:
                return outcome.next_request
            attempt += 1
            recorder.stage(f"Rerunning {item.name} (attempt {attempt})")

    def _may_retry(self, item: Item, execution: Execution) -> bool:
        method = execution.request.method if execution.request else str(item.request["method"])
        options = self._context.options
        return execution.result is not RunResult.SUCCESSFUL and options.may_retry(
            method or "GET", execution.attempt
        )

    def _pause(self) -> None:
        if delay_ms := self._context.options.delay_ms:
            self._context.stop.wait(max(0.0, min(delay_ms / 1000, self._context.seconds_left)))
        self._context.check_limits()
