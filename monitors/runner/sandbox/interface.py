"""The types that the runner and the sandbox exchange, and the protocol for what scripts ask of the runner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

JsonObject = dict[str, object]
"""A JSON object whose members may have any type: narrow each one before use."""


@dataclass(frozen=True)
class SandboxLimits:
    """Limits of one run's sandbox process."""

    memory_bytes: int = 128 * 1024 * 1024
    cpu_seconds: int = 60
    script_timeout_ms: int = 300_000
    output_bytes: int = 8 * 1024 * 1024
    """Of one script: its console, tests, variables and requests together."""


@dataclass(frozen=True)
class ScriptOptions:
    """The options of one script, in the terms of postman-sandbox's `execute`."""

    timeout_ms: int
    """The time that is left to the run, or less."""
    legacy: JsonObject = field(default_factory=dict)
    """For `pm.info` and `pm.execution.location`: _itemId, _itemName, _itemPath, _eventItemName."""
    cursor: JsonObject = field(default_factory=dict)
    """The script's place in the run: iteration, cycles."""


@dataclass(frozen=True)
class ConsoleLine:
    """One call of the script's console."""

    level: str
    text: str
    """The arguments, joined as Node's console prints them."""


@dataclass(frozen=True)
class ScriptError:
    """An error of a script, or the reason why a script was stopped."""

    name: str
    message: str
    line: int | None = None
    """Counted from 1 in the script's own source."""
    stack: str = ""


@dataclass
class ScriptOutcome:
    """What a script did. `assertions` and `result` are in the script bundle's own JSON."""

    error: ScriptError | None
    """The error that the script threw, a promise that it left rejected, or the reason why it was stopped."""
    assertions: list[dict[str, Any]]
    console: list[ConsoleLine]
    result: dict[str, Any]
    """The execution that the bundle returns: environment, globals, collectionVariables, _variables, request
    (as the script changed it), return.nextRequest, …; empty when the script was stopped."""
    skipped_request: bool = False
    exceptions: list[ScriptError] = field(default_factory=list)
    """Every error that was not caught while the script ran: `error`, and those of timers and callbacks, which
    Newman prints but does not count as failures."""


class HostRefusal(Exception):
    """Raised by a method of ScriptHost: the script gets an error with this message."""


class ScriptHost(Protocol):
    """Answers the requests of a script in Postman's JSON.

    Every method may raise HostRefusal. All but `send_request` are called by the thread that called `execute`.
    """

    def send_request(self, request: JsonObject) -> tuple[JsonObject | None, JsonObject | None]:
        """`pm.sendRequest`: returns (error, response), of which one is None.

        Must be safe to call from several threads. The response's `stream` may be bytes; its `cookie` lists
        the cookies in the jar for its URL.
        """

    def cookies(self, action: str, arguments: list[object]) -> object:
        """One call on the cookie store: a method of tough-cookie's Store with its arguments."""

    def vault(self, command: str, arguments: list[object]) -> object:
        """`pm.vault` with the command `get`, `set` or `unset`."""

    def run_request(self, reference: str, options: JsonObject) -> JsonObject | None:
        """`pm.execution.runRequest` for the request with that id or name: returns its response, or None when
        the request was skipped.

        `options["variables"]` overrides variables for that request; `options["context"]` holds the script's
        variables of each scope as they are now. Beside the response's members, `variableMutations` holds the
        changes that the request's own scripts made, as {scope: [mutations]}.
        """


class LimitExceeded(Exception):
    """A script exceeded a limit: an error of the script, after which the run continues in a new process.

    The message completes the sentence "The script was stopped: …".
    """


class CpuTimeExceeded(LimitExceeded):
    """The run's scripts used all their CPU time."""


class SandboxFailed(Exception):
    """The sandbox process crashed, violated its confinement, or could not start: an error of the whole
    run."""
