"""What the runner and the sandbox say to each other: plain data and one protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class SandboxLimits:
    """What one run's sandbox process may use."""

    memory_bytes: int = 128 * 1024 * 1024
    cpu_seconds: int = 60
    script_timeout_ms: int = 300_000
    output_bytes: int = 8 * 1024 * 1024
    """Of one script: console, assertions, variables and requests together."""


@dataclass(frozen=True)
class ScriptOptions:
    """How one script is run. `timeout_ms` is what is left of the run's five minutes, or less."""

    timeout_ms: int
    legacy: dict[str, Any] = field(default_factory=dict)
    """What `pm.info` and `pm.execution.location` show: _itemId, _itemName, _itemPath, _eventItemName."""
    cursor: dict[str, Any] = field(default_factory=dict)
    """Where in the run the script is: iteration, cycles."""


@dataclass(frozen=True)
class ConsoleLine:
    level: str
    text: str
    """The arguments joined as a console prints them."""


@dataclass(frozen=True)
class ScriptError:
    name: str
    message: str
    line: int | None = None
    """Counted from 1 in the script's own source."""
    stack: str = ""


@dataclass
class ScriptOutcome:
    """What a script did, in the bundle's own shapes (Postman's JSON) where the runner reads them."""

    error: ScriptError | None
    """What the script threw, a promise that it left rejected, or why it was stopped."""
    assertions: list[dict[str, Any]]
    console: list[ConsoleLine]
    result: dict[str, Any]
    """The execution as the bundle returns it: environment, globals, collectionVariables, _variables,
    request (as the script changed it), return.nextRequest, …; empty when the script could not end."""
    skipped_request: bool = False
    exceptions: list[ScriptError] = field(default_factory=list)
    """Every error that nobody caught while the script ran: `error`, and those of timers and callbacks, which
    Newman shows but does not count as failures."""


class HostRefusal(Exception):
    """Raised by a ScriptHost method: the script meets it as an error with this message."""


class ScriptHost(Protocol):
    """What a script may ask of the world outside; every answer is JSON, in Postman's shapes.

    Any method may raise HostRefusal. All but `send_request` are called by the thread that called `execute`.
    """

    def send_request(self, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """`pm.sendRequest`: (error, response), one of them None. May be called from several threads.
        A response's `stream` may be bytes; its `cookie` holds what the jar has for its URL."""

    def cookies(self, action: str, arguments: list[Any]) -> Any:
        """One call on the cookie store (tough-cookie's Store methods)."""

    def vault(self, command: str, arguments: list[Any]) -> Any:
        """`pm.vault` get, set, unset."""

    def run_request(self, reference: str, options: dict[str, Any]) -> dict[str, Any] | None:
        """`pm.execution.runRequest`: the response, or None when the request was skipped.

        `options["variables"]` overrides variables for that request; `options["context"]` holds the script's
        variables of each scope as they are now. Changes that the request's own scripts made are answered
        under `variableMutations` beside the response's keys, as {scope: [mutations]}.
        """


class LimitExceeded(Exception):
    """A script used or handed over too much; the message goes on from "The script was stopped: ". It is the
    script's own error: the run continues with the next one, in a new process."""


class CpuTimeExceeded(LimitExceeded):
    """The run's scripts computed for too long."""


class SandboxFailed(Exception):
    """The sandbox process crashed, did what it may not, or could not start: an error of this run."""
