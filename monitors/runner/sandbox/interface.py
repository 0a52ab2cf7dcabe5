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


@dataclass(frozen=True)
class ScriptOptions:
    """How one script is run. `timeout_ms` is what is left of the run's five minutes, or less."""

    timeout_ms: int
    legacy: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ConsoleLine:
    level: str
    text: str
    """The arguments joined as a console prints them."""
    arguments: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class ScriptError:
    name: str
    message: str
    line: int | None = None
    stack: str = ""


@dataclass
class ScriptOutcome:
    """What a script did, in the bundle's own shapes (Postman's JSON) where the runner reads them."""

    error: ScriptError | None
    assertions: list[dict[str, Any]]
    console: list[ConsoleLine]
    result: dict[str, Any]
    """The execution as the bundle returns it: environment, globals, collectionVariables, _variables,
    request (as the script changed it), return.nextRequest, …; empty when the script could not end."""
    skipped_request: bool = False


class ScriptHost(Protocol):
    """What a script may ask of the world outside; every answer is JSON, in Postman's shapes."""

    def send_request(self, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """`pm.sendRequest`: (error, response), one of them None. May be called from several threads."""

    def cookies(self, action: str, arguments: list[Any]) -> Any:
        """One call on the cookie store (tough-cookie's Store methods)."""

    def vault(self, command: str, arguments: list[Any]) -> Any:
        """`pm.vault` get, set, unset."""

    def run_request(self, reference: str, options: dict[str, Any]) -> dict[str, Any] | None:
        """`pm.execution.runRequest`."""


class SandboxFailed(Exception):
    """The sandbox process died, was killed for what it used, or could not start: an error of this run."""
