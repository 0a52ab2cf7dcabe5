"""Whatever messages a compromised child sends, its run ends with a report."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitors.runner import Collection, RunOptions, RunResult, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from monitors.runner.report import RunReport
from monitors.runner.sandbox.child_connection import ChildConnection
from monitors.runner.sandbox.interface import SandboxLimits
from monitors.runner.sandbox.session import SandboxSession
from monitors.runner.sandbox.wire import Inbox, frame
from tests.monitors.runner.target import Target

SHORT = RunOptions(timeout_ms=2000)
Talk = Callable[[str], list[Any]]
"""The messages of the child after it was asked to execute the script with that id."""

WRONG: list[Any] = [
    None, True, 10**400, float("inf"), float("nan"), "", "\0\ud800", "{{a}}", [[None]], {},
    {"key": {}, "value": []},
]  # fmt: skip


class TakenOver:
    """Replaces a zygote by one whose children send messages and read none."""

    limits = SandboxLimits()

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def open(self) -> SandboxSession:
        return SandboxSession(self)  # type: ignore[arg-type]

    def connect(self) -> ChildConnection:
        ours, theirs = socket.socketpair()
        lifeline, _ = socket.socketpair()
        threading.Thread(target=self._speak, args=(theirs,), daemon=True).start()
        return ChildConnection(ours, lifeline)

    def _speak(self, channel: socket.socket) -> None:
        with channel, contextlib.suppress(OSError):
            for name, *arguments in messages(channel):
                if name == "execute":
                    for message in self._talk(arguments[0]):
                        channel.sendall(frame(json.dumps(message)))


def messages(channel: socket.socket) -> Iterator[list[Any]]:
    inbox = Inbox()
    while data := channel.recv(65536):
        inbox.feed(data)
        while (text := inbox.pop(2**30)) is not None:
            yield json.loads(text)


def with_wrong_parts(value: Any) -> Iterator[Any]:
    """Copies of the value, in each of which one part is replaced by something invalid."""
    yield from WRONG
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        for wrong in with_wrong_parts(value[key]):
            changed = value.copy()
            changed[key] = wrong
            yield changed


VARIABLE = {"key": "a", "value": "1", "type": "number"}
VARIABLES = {"mutations": {"compacted": {"a": ["a", 1]}, "stream": [["a"], ["a", 2]]}}
REQUEST = {
    "url": {"protocol": "http", "host": ["localhost"], "port": "9", "path": [":a"], "query": [{"key": "a"}]},
    "method": "POST",
    "header": [{"key": "a", "value": "b"}],
    "body": {"mode": "raw", "raw": "{}", "options": {"raw": {"language": "json"}}},
    "auth": {"type": "basic", "basic": [{"key": "username", "value": "u"}]},
}
COOKIE = {"key": "a", "value": "b", "domain": "localhost", "path": "/", "maxAge": 5, "expires": "2030-01-01"}

SAID: dict[str, Callable[[str], list[Any]]] = {
    "console": lambda id: ["execution.console", {"execution": id}, "log", '[["1"],"text"]'],
    "assertion": lambda id: [
        "execution.assertion", {"execution": id}, [{"name": "n", "passed": False, "error": {"message": "m"}}],
    ],
    "error": lambda id: ["execution.error", {"execution": id}, {"message": "m", "line": 1}, True],
    "request": lambda id: [f"execution.request.{id}", {}, id, 1, {"url": "http://localhost:9/"}],
    "cookie": lambda id: [f"execution.cookies.{id}", 1, "store", "putCookie", [COOKIE]],
    "cookies": lambda id: [f"execution.cookies.{id}", 1, "store", "findCookies", ["localhost", "/"]],
    "vault": lambda id: [f"execution.vault.{id}", 1, "set", "key", "value"],
    "skip": lambda id: [f"execution.skipRequest.{id}", {}],
    "result": lambda id: [f"execution.result.{id}", None, {"return": {"nextRequest": None}}],
    "variables": lambda id: [f"execution.result.{id}", None, {"environment": VARIABLES}],
    "local variables": lambda id: [f"execution.result.{id}", None, {"_variables": {"values": [VARIABLE]}}],
    "a changed request": lambda id: [f"execution.result.{id}", None, {"request": REQUEST}],
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_every_invalid_message_leaves_a_report(name: str, target: Target) -> None:
    loaded = collection(target.url)
    for number in range(len(list(with_wrong_parts(SAID[name]("id"))))):

        def talk(id: str, number: int = number) -> list[Any]:
            return [list(with_wrong_parts(SAID[name](id)))[number], [f"execution.result.{id}", None, {}]]

        assert isinstance(report_of(loaded, talk), RunReport)


def test_a_forged_result_does_not_affect_another_run(target: Target) -> None:
    def talk(id: str) -> list[Any]:
        return [
            ["execution.result.another", None, {}],
            ["execution.assertion", {"execution": "another"}, [{"name": "forged", "passed": False}]],
            [f"execution.result.{id}", None, {}],
            [f"execution.result.{id}", None, {"return": {"nextRequest": None}}],
        ]

    report = report_of(collection(target.url), talk)
    assert report.result is RunResult.SUCCESSFUL
    assert report.totals.assertions == 0


FILE = {"src": "report.txt"}
FILE_PART = {"key": "a", "type": "file", "src": "report.txt"}
FILE_BODIES: list[Any] = [
    {"mode": "file", "file": FILE},
    {"mode": "FILE", "file": FILE, "FILE": FILE},
    {"mode": "File", "file": "report.txt"},
    {"mode": ["file"], "file": FILE},
    {"mode": "formdata", "formdata": [FILE_PART]},
    {"mode": "FormData", "formdata": [FILE_PART]},
    {"mode": "formdata", "formdata": [FILE_PART | {"src": ["report.txt"]}]},
    {"mode": "formdata", "formdata": [{"key": "b", "value": "c"}, FILE_PART | {"type": "file", "value": ""}]},
    {"mode": "formdata", "formdata": [[FILE_PART], {"type": "file", "src": "report.txt"}]},
]


@pytest.mark.parametrize("body", FILE_BODIES, ids=json.dumps)
def test_no_message_makes_the_worker_upload_a_file(target: Target, tmp_path: Path, body: Any) -> None:
    (tmp_path / "report.txt").write_text("hunter2-hunter2")
    forged = {"url": target.url, "method": "POST", "body": body, "certificate": {"key": FILE, "cert": FILE}}

    def talk(id: str) -> list[Any]:
        return [
            [f"execution.request.{id}", {}, id, 1, forged],
            [f"execution.request.{id}", {}, id, 2, forged | {"proxy": {"host": "localhost", "port": 1}}],
            [f"execution.skipRequest.{id}", {}],
            [f"execution.result.{id}", None, {}],
        ]

    options = RunOptions(timeout_ms=2000, files=tmp_path)
    report_of(collection(target.url), talk, options)
    assert len(target.seen) == 2
    assert b"hunter2" not in b"".join(seen.body for seen in target.seen)


def collection(url: str) -> Collection:
    script = {"listen": "prerequest", "script": {"exec": "1"}}
    item = {"name": "one", "request": {"url": url}, "event": [script]}
    return load_collection({"info": {"name": "Hostile"}, "item": [item]})


def report_of(loaded: Collection, talk: Talk, options: RunOptions = SHORT) -> RunReport:
    egress = EgressPolicy.from_text(["127.0.0.1"])
    return run_collection(loaded, egress=egress, zygote=TakenOver(talk), options=options)  # type: ignore[arg-type]
