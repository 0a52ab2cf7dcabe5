"""One script's conversation with its child: what that says is the outcome, what it asks goes to the host."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from typing import Any

from .console import console_line
from .interface import (
    HostRefusal,
    LimitExceeded,
    SandboxFailed,
    ScriptError,
    ScriptHost,
    ScriptOptions,
    ScriptOutcome,
)
from .parsing import parse

logger = logging.getLogger(__name__)

MAX_WAIT_FOR_EARLIER = 0.25
"""Seconds that a request which failed waits for those before it. Node, in its one thread, fails requests that
have the same problem in the order in which they were made; our threads would do it in any order."""

MAX_CONSOLE_LINES = 5_000
MAX_CONSOLE_CHARACTERS = 2_000_000
MAX_ASSERTIONS = 10_000
MAX_EXCEPTIONS = 1_000
MAX_REQUESTS = 1_000
MAX_ERROR_CHARACTERS = 1_000

Send = Callable[[list[Any]], None]


class Conversation:
    """Fed with the child's messages until one of them is the script's result."""

    def __init__(self, host: ScriptHost, send: Send, threads: Executor) -> None:
        self.id = uuid.uuid4().hex
        self.outcome = ScriptOutcome(error=None, assertions=[], console=[], result={})
        self.ended = False
        self._host = host
        self._send = send
        self._threads = threads
        self._console_characters = 0
        self._requests: list[Future[None]] = []
        self._requests_made = 0
        self._failure_logged = False
        self._handlers: dict[str, Callable[..., None]] = {
            "execution.console": self._on_console,
            "execution.assertion": self._on_assertion,
            "execution.error": self._on_error,
            f"execution.request.{self.id}": self._on_request,
            f"execution.cookies.{self.id}": self._on_cookies,
            f"execution.vault.{self.id}": self._on_vault,
            f"execution.datasets.{self.id}": self._on_datasets,
            f"execution.run_collection_request.{self.id}": self._on_run_request,
            f"execution.skipRequest.{self.id}": self._on_skip_request,
            f"execution.result.{self.id}": self._on_result,
            "sandbox.failed": self._on_failed,
        }

    def start(self, listen: str, source: str, context: dict[str, Any], options: ScriptOptions) -> None:
        script = {"listen": listen, "script": {"type": "text/javascript", "exec": source}}
        cursor = {**options.cursor, "execution": self.id}
        settings = {"cursor": cursor, "timeout": options.timeout_ms, "legacy": options.legacy}
        self._send(["execute", self.id, script, context, settings])

    def fail(self, error: ScriptError) -> None:
        """Stopped from outside: whatever it did until then stays."""
        self.outcome.error = error
        self.outcome.exceptions.append(error)
        self.ended = True

    def wait_for_requests(self, deadline: float) -> None:
        """A script that skips its request ends before those that it sent: they are part of its run too."""
        if self._requests:
            wait(self._requests, max(deadline - time.monotonic(), 0))

    def receive(self, text: str) -> None:
        """One message of the child. Raises LimitExceeded for one that is too large, SandboxFailed for one
        that Postman's bundle would not send."""
        try:
            name, *arguments = parse(text)
            handler = self._handlers.get(name)
            if handler:
                handler(*arguments)
        except (
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            IndexError,
            OverflowError,
            RecursionError,
        ) as problem:
            raise SandboxFailed("The script's process sent a message that makes no sense.") from problem

    def _on_console(self, cursor: dict[str, Any], level: str, arguments: str) -> None:
        if cursor["execution"] != self.id or self._console_is_full():
            return
        line = console_line(str(level), arguments)
        self._console_characters += len(line.text)
        self.outcome.console.append(line)

    def _console_is_full(self) -> bool:
        """One line more than a run keeps, so that its console says that later ones are missing."""
        return (
            len(self.outcome.console) > MAX_CONSOLE_LINES or self._console_characters > MAX_CONSOLE_CHARACTERS
        )

    def _on_assertion(self, cursor: dict[str, Any], assertions: list[dict[str, Any]]) -> None:
        if cursor["execution"] != self.id:
            return
        if len(self.outcome.assertions) + len(assertions) > MAX_ASSERTIONS:
            raise LimitExceeded(f"it made more than {MAX_ASSERTIONS} tests")
        self.outcome.assertions += [assertion(one) for one in assertions]

    def _on_error(self, cursor: dict[str, Any], error: Any, uncaught: bool) -> None:
        if cursor["execution"] != self.id:
            return
        described = script_error(error)
        if len(self.outcome.exceptions) == MAX_EXCEPTIONS:
            raise LimitExceeded(f"it left more than {MAX_EXCEPTIONS} errors uncaught")
        self.outcome.exceptions.append(described)
        if uncaught and self.outcome.error is None:
            self.outcome.error = described

    def _on_result(self, error: Any, execution: dict[str, Any]) -> None:
        if error is not None:
            self.outcome.error = script_error(error)
        self.outcome.result = dict(execution)
        self.ended = True

    def _on_skip_request(self, cursor: dict[str, Any]) -> None:
        self.outcome.skipped_request = True

    def _on_failed(self, message: str) -> None:
        raise LimitExceeded(f"the script engine gave up: {str(message)[:MAX_ERROR_CHARACTERS]}")

    def _on_request(
        self, cursor: dict[str, Any], execution: str, event: int, request: dict[str, Any]
    ) -> None:
        if not isinstance(request, dict) or not isinstance(event, int):
            raise TypeError("a request is an object, its number a whole one")
        self._requests_made += 1
        if self._requests_made > MAX_REQUESTS:
            error = {"message": f"A script may send {MAX_REQUESTS} requests, not more"}
            self._send([f"execution.response.{self.id}", event, error, None, None])
            return
        earlier = [future for future in self._requests if not future.done()]
        future = self._threads.submit(self._answer_request, event, request, earlier)
        future.add_done_callback(self._log_failure)
        self._requests = [*earlier, future]

    def _answer_request(self, event: int, request: dict[str, Any], earlier: list[Future[None]]) -> None:
        error: dict[str, Any] | None = {"message": "The request could not be sent."}
        response = None
        try:
            error, response = self._host.send_request(request)
        except HostRefusal as refusal:
            error = {"message": str(refusal)}
        finally:
            if error:
                wait(earlier, MAX_WAIT_FOR_EARLIER)
            history = {"cookies": response.pop("cookie", [])} if response else None
            channel = f"execution.response.{self.id}"
            try:
                self._send([channel, event, error, response, history])
            except LimitExceeded:
                self._send(
                    [channel, event, {"message": "The response is too large for a script"}, None, None]
                )

    def _log_failure(self, future: Future[None]) -> None:
        """Once for a script: it may repeat what surprises us."""
        if not self._failure_logged and not future.cancelled() and future.exception():
            self._failure_logged = True
            logger.error("pm.sendRequest failed", exc_info=future.exception())

    def _on_cookies(self, event: int, action: str, method: str, arguments: list[Any]) -> None:
        self._answer("cookies", event, lambda: self._host.cookies(method, arguments))

    def _on_vault(self, event: int, command: str, *arguments: Any) -> None:
        self._answer("vault", event, lambda: self._host.vault(command, list(arguments)))

    def _on_datasets(self, event: int, *arguments: Any) -> None:
        self._send([f"execution.datasets.{self.id}", event, "pm.datasets is not available here"])

    def _on_run_request(
        self,
        cursor: dict[str, Any],
        execution: str,
        event: int,
        reference: str,
        options: dict[str, Any],
        context: dict[str, Any],
    ) -> None:
        answer = f"execution.run_collection_request_response.{self.id}"
        try:
            response = self._host.run_request(reference, {**options, "context": context})
        except HostRefusal as refusal:
            self._send([answer, event, {"message": str(refusal)}])
            return
        mutations = (response or {}).pop("variableMutations", {})
        self._send([answer, event, None, response, {"variableMutations": mutations}])

    def _answer(self, channel: str, event: int, call: Callable[[], Any]) -> None:
        try:
            self._send([f"execution.{channel}.{self.id}", event, None, call()])
        except HostRefusal as refusal:
            self._send([f"execution.{channel}.{self.id}", event, str(refusal)])


def assertion(sent: dict[str, Any]) -> dict[str, Any]:
    """With `error` None or {name, message, …}; a test that threw no error at all is worded as Newman does."""
    name = str(sent["name"])
    told = {**_plain(sent), "name": name}
    if sent["passed"]:
        return {**told, "error": None}
    thrown = sent.get("error")
    error = thrown if isinstance(thrown, dict) else {}
    words = {"name": error.get("name", "AssertionError"), "message": error.get("message", name)}
    return {**told, "error": {**_plain(error), **words}}


def _plain(sent: dict[str, Any]) -> dict[str, Any]:
    """Without lists and objects, which nobody reads of a test, and which may be large."""
    return {key: value for key, value in sent.items() if not isinstance(value, dict | list)}


def script_error(error: Any) -> ScriptError:
    """From an error as the engine describes it, or from whatever else the script threw."""
    if not isinstance(error, dict):
        return ScriptError(name="Error", message=str(error))
    line = error.get("line")
    return ScriptError(
        name=str(error.get("name") or "Error"),
        message=str(error.get("message", "")),
        line=line if isinstance(line, int) else None,
        stack=str(error.get("stack", "")),
    )
