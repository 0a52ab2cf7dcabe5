"""One zygote for all tests, a new session for each test, and a host that records the requests of scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import pytest

from monitors.runner.sandbox import (
    HostRefusal,
    SandboxSession,
    ScriptOptions,
    ScriptOutcome,
    Zygote,
)

RESPONSE = {
    "code": 200,
    "status": "OK",
    "header": [{"key": "Content-Type", "value": "application/json"}],
    "stream": b'{"name": "Ada", "tags": ["a", "b"]}',
    "responseTime": 12,
}
REQUEST = {
    "url": "http://api.example/users?page=2",
    "method": "GET",
    "header": [{"key": "X-A", "value": "1"}],
}


@dataclass
class RecordingHost:
    """Responds to every request with 201, but refuses hosts that contain "refused"."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    cookie_calls: list[tuple[str, list[Any]]] = field(default_factory=list)
    cookies_kept: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, Any] = field(default_factory=dict)
    together: threading.Barrier | None = None
    """Where requests wait for each other."""
    last: threading.Event = field(default_factory=threading.Event)
    """Requests to `after-last` wait for the one to `last`, which goes on at once."""

    def send_request(self, request: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        self.requests.append(request)
        if self.together:
            self.together.wait()
        if "after-last" in request["url"]["host"]:
            assert self.last.wait(10)
        if "last" in request["url"]["host"]:
            self.last.set()
        if "refused" in request["url"]["host"]:
            raise HostRefusal("the address is not allowed")
        if "down" in request["url"]["path"] or "down" in request["url"]["host"]:
            return {"message": "connect ECONNREFUSED", "code": "ECONNREFUSED"}, None
        return None, {"code": 201, "status": "Created", "header": [], "stream": b'{"sent": true}'}

    def cookies(self, action: str, arguments: list[Any]) -> Any:
        self.cookie_calls.append((action, arguments))
        if action == "putCookie":
            self.cookies_kept.append(arguments[0])
        if action == "removeCookie":
            self.cookies_kept = [one for one in self.cookies_kept if one["key"] != arguments[2]]
        return self.cookies_kept if action.startswith(("findCookies", "getAll")) else None

    def vault(self, command: str, arguments: list[Any]) -> Any:
        if command == "set":
            raise HostRefusal("the vault is read-only")
        return self.secrets.get(arguments[0])

    def run_request(self, reference: str, options: dict[str, Any]) -> dict[str, Any] | None:
        if reference == "skipped":
            return None
        return {"code": 202, "stream": reference.encode()}


class RunScript(Protocol):
    def __call__(
        self,
        source: str,
        listen: Literal["prerequest", "test"] = "test",
        timeout_ms: int = 60_000,
        legacy: dict[str, Any] | None = None,
        **context: Any,
    ) -> ScriptOutcome: ...


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as running:
        yield running


@pytest.fixture
def session(zygote: Zygote) -> Iterator[SandboxSession]:
    with SandboxSession(zygote) as opened:
        yield opened


@pytest.fixture
def host() -> RecordingHost:
    return RecordingHost()


@pytest.fixture
def run(session: SandboxSession, host: RecordingHost) -> RunScript:
    """Runs a script in this test's session, by default with a request and a JSON response."""

    def run_script(
        source: str,
        listen: Literal["prerequest", "test"] = "test",
        timeout_ms: int = 60_000,
        legacy: dict[str, Any] | None = None,
        **context: Any,
    ) -> ScriptOutcome:
        response = {"response": RESPONSE} if listen == "test" else {}
        options = ScriptOptions(timeout_ms=timeout_ms, legacy=legacy or {"_itemName": "List users"})
        return session.execute(listen, source, {"request": REQUEST, **response, **context}, options, host)

    return run_script


def printed(outcome: ScriptOutcome) -> list[str]:
    """The lines that the script printed. Fails with the script's error, if there is one."""
    assert outcome.error is None, outcome.error
    return [line.text for line in outcome.console]


def values(outcome: ScriptOutcome, scope: str) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in outcome.result[scope]["values"]}
