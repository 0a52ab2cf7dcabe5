"""The conversation with a child process about one script: collects its outcome and serves its requests."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, wait

from .console import console_line
from .interface import (
    HostRefusal,
    JsonObject,
    LimitExceeded,
    SandboxFailed,
    ScriptError,
    ScriptHost,
    ScriptOptions,
    ScriptOutcome,
)
from .parsing import parse

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 0.25
"""The longest wait of a failed request for the requests before it. Node has one thread, so requests that fail
for the same reason fail in the order in which they were made. Several threads do not keep that order."""

MAX_CONSOLE_LINES = 5_000
MAX_CONSOLE_CHARACTERS = 2_000_000
MAX_ASSERTIONS = 10_000
MAX_EXCEPTIONS = 1_000
MAX_REQUESTS = 1_000
MAX_ERROR_CHARACTERS = 1_000

Send = Callable[[list[object]], None]


class Conversation:
    """Takes the child's messages until one of them is the script's result."""

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

    def start(self, listen: str, source: str, context: Mapping[str, object], options: ScriptOptions) -> None:
        """Ask the child to run the script. Raises LimitExceeded when its context is too large."""
        script = {"listen": listen, "script": {"type": "text/javascript", "exec": source}}
        cursor = {**options.cursor, "execution": self.id}
        settings = {"cursor": cursor, "timeout": options.timeout_ms, "legacy": options.legacy}
        self._send(["execute", self.id, script, context, settings])

    def fail(self, error: ScriptError) -> None:
        """End the script with an error, and keep what it did before."""
        self.outcome.error = error
        self.outcome.exceptions.append(error)
        self.ended = True

    def wait_for_requests(self, deadline: float) -> None:
        """Wait for requests that the script sent. One that skips its request ends before them."""
        if self._requests:
            wait(self._requests, max(deadline - time.monotonic(), 0))

    def receive(self, text: str) -> None:
        """Take one message of the child. Raises LimitExceeded for a message that is too large, and
        SandboxFailed for one that Postman's bundle never sends."""
        try:
            message = parse(text)
            if not isinstance(message, list):
                raise TypeError("a message must be a list")
            name, *arguments = message
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
            raise SandboxFailed("The script's process sent an invalid message.") from problem

    def _on_console(self, cursor: JsonObject, level: str, arguments: str) -> None:
        if cursor["execution"] != self.id or self._console_is_full():
            return
        line = console_line(str(level), arguments)
        self._console_characters += len(line.text)
        self.outcome.console.append(line)

    def _console_is_full(self) -> bool:
        """Allows one line more than a run keeps, so that the run's console says that lines are missing."""
        return (
            len(self.outcome.console) > MAX_CONSOLE_LINES or self._console_characters > MAX_CONSOLE_CHARACTERS
        )

    def _on_assertion(self, cursor: JsonObject, assertions: list[JsonObject]) -> None:
        if cursor["execution"] != self.id:
            return
        if len(self.outcome.assertions) + len(assertions) > MAX_ASSERTIONS:
            raise LimitExceeded(f"it made more than {MAX_ASSERTIONS} tests")
        self.outcome.assertions += [assertion(one) for one in assertions]

    def _on_error(self, cursor: JsonObject, error: object, uncaught: bool) -> None:
        if cursor["execution"] != self.id:
            return
        described = script_error(error)
        if len(self.outcome.exceptions) == MAX_EXCEPTIONS:
            raise LimitExceeded(f"it left more than {MAX_EXCEPTIONS} errors uncaught")
        self.outcome.exceptions.append(described)
        if uncaught and self.outcome.error is None:
            self.outcome.error = described

    def _on_result(self, error: object, execution: JsonObject) -> None:
        if error is not None:
            self.outcome.error = script_error(error)
        self.outcome.result = dict(execution)
        self.ended = True

    def _on_skip_request(self, cursor: JsonObject) -> None:
        self.outcome.skipped_request = True

    def _on_failed(self, message: str) -> None:
        raise LimitExceeded(f"the script engine failed: {str(message)[:MAX_ERROR_CHARACTERS]}")

    def _on_request(self, cursor: JsonObject, execution: str, event: object, request: object) -> None:
        if not isinstance(request, dict) or not isinstance(event, int):
            raise TypeError("a request must be an object, and its event a number")
        self._requests_made += 1
        if self._requests_made > MAX_REQUESTS:
            error = {"message": f"A script may send at most {MAX_REQUESTS} requests"}
            self._send([f"execution.response.{self.id}", event, error, None, None])
            return
        earlier = [future for future in self._requests if not future.done()]
        future = self._threads.submit(self._send_request, event, request, earlier)
        future.add_done_callback(self._log_failure)
        self._requests = [*earlier, future]

    def _send_request(self, event: int, request: JsonObject, earlier: list[Future[None]]) -> None:
        error: JsonObject | None = {"message": "The request could not be sent."}
        response: JsonObject | None = None
        try:
            error, response = self._host.send_request(request)
        except HostRefusal as refusal:
            error = {"message": str(refusal)}
        finally:
            if error:
                wait(earlier, MAX_WAIT_SECONDS)
            history = {"cookies": response.pop("cookie", [])} if response else None
            channel = f"execution.response.{self.id}"
            try:
                self._send([channel, event, error, response, history])
            except LimitExceeded:
                self._send(
                    [channel, event, {"message": "The response is too large for a script"}, None, None]
                )

    def _log_failure(self, future: Future[None]) -> None:
        """Logs once for each script, which may repeat the request that fails."""
        if not self._failure_logged and not future.cancelled() and future.exception():
            self._failure_logged = True
            logger.error("pm.sendRequest failed", exc_info=future.exception())

    def _on_cookies(self, event: int, action: str, method: str, arguments: list[object]) -> None:
        self._respond("cookies", event, lambda: self._host.cookies(method, arguments))

    def _on_vault(self, event: int, command: str, *arguments: object) -> None:
        self._respond("vault", event, lambda: self._host.vault(command, list(arguments)))

    def _on_datasets(self, event: int, *arguments: object) -> None:
        self._send([f"execution.datasets.{self.id}", event, "pm.datasets is not available here"])

    def _on_run_request(
        self,
        cursor: JsonObject,
        execution: str,
        event: int,
        reference: str,
        options: JsonObject,
        context: JsonObject,
    ) -> None:
        channel = f"execution.run_collection_request_response.{self.id}"
        try:
            response = self._host.run_request(reference, {**options, "context": context})
        except HostRefusal as refusal:
            self._send([channel, event, {"message": str(refusal)}])
            return
        mutations = (response or {}).pop("variableMutations", {})
        self._send([channel, event, None, response, {"variableMutations": mutations}])

    def _respond(self, channel: str, event: int, call: Callable[[], object]) -> None:
        try:
            self._send([f"execution.{channel}.{self.id}", event, None, call()])
        except HostRefusal as refusal:
            self._send([f"execution.{channel}.{self.id}", event, str(refusal)])


def assertion(received: JsonObject) -> JsonObject:
    """A test's assertion, whose `error` is None or {name, message, …}.

    Raises KeyError when the message lacks `name` or `passed`. Like Newman, uses the test's name as the
    message of a failure that has none.
    """
    name = str(received["name"])
    result = {**_without_containers(received), "name": name}
    if received["passed"]:
        return {**result, "error": None}
    thrown = received.get("error")
    error = thrown if isinstance(thrown, dict) else {}
    required = {"name": error.get("name", "AssertionError"), "message": error.get("message", name)}
    return {**result, "error": {**_without_containers(error), **required}}


def _without_containers(received: JsonObject) -> JsonObject:
    """Leaves out lists and objects, which may be large and which reports do not show."""
    return {key: value for key, value in received.items() if not isinstance(value, dict | list)}


def script_error(error: object) -> ScriptError:
    """From an error as `errors.js` describes it, or from any other value that the script threw."""
    if not isinstance(error, dict):
        return ScriptError(name="Error", message=str(error))
    line = error.get("line")
    return ScriptError(
        name=str(error.get("name") or "Error"),
        message=str(error.get("message", "")),
        line=line if isinstance(line, int) else None,
        stack=str(error.get("stack", "")),
    )
