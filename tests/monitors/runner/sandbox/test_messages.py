"""A compromised child may send anything: it fails only its own run, with one sentence."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitors.runner.sandbox import SandboxFailed, SandboxLimits, SandboxSession, ScriptOptions
from monitors.runner.sandbox.child_connection import ChildConnection
from monitors.runner.sandbox.conversation import Conversation
from monitors.runner.sandbox.interface import LimitExceeded
from monitors.runner.sandbox.parsing import parse
from monitors.runner.sandbox.wire import Inbox, MessageTooLong, frame

from .conftest import RecordingHost


class TakenOver:
    """Replaces a zygote: returns a connection whose other end belongs to the test."""

    limits = SandboxLimits(output_bytes=100_000)

    def __init__(self, sent: bytes, then_close: bool = True) -> None:
        ours, self.theirs = socket.socketpair()
        lifeline, self.their_lifeline = socket.socketpair()
        self._connection = ChildConnection(ours, lifeline)
        self.theirs.sendall(sent)
        if then_close:
            self.theirs.shutdown(socket.SHUT_WR)
            self.their_lifeline.close()

    def connect(self) -> ChildConnection:
        return self._connection


def failure_of(sent: bytes, timeout_ms: int = 2000) -> str:
    with SandboxSession(TakenOver(sent)) as session:  # type: ignore[arg-type]
        try:
            outcome = session.execute("test", "1", {}, ScriptOptions(timeout_ms), RecordingHost())
        except SandboxFailed as failure:
            return str(failure)
    assert outcome.error is not None
    return outcome.error.message


@pytest.mark.parametrize(
    "text",
    [
        "", "nonsense", "{}", "[]", "[1]", "null", "[[]]", '[{"a": 1}]', '["execution.console"]',
        '["execution.console", null, "log", "x"]', '["execution.assertion", {"execution": 1}, 5]',
        '["execution.error"]', '["sandbox.failed"]', "[" * 100_000, "9" * 5000,
        '["execution.console", 1, 2, 3, 4, 5]',
    ],
)  # fmt: skip
def test_an_invalid_message_fails_the_run(text: str) -> None:
    words = failure_of(frame(text))
    assert words in (
        "The script's process sent an invalid message.",
        "The script sandbox was lost.",
    ) or words.startswith("The script was stopped: ")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("[" * 300 + "]" * 300, "nested more than 200 levels deep"),
        ('{"a":' * 300 + "1" + "}" * 300, "nested more than 200 levels deep"),
        ("[" + "{}," * 30_000 + "1]", "more than 20000 values at once"),
        ("[" + '"[",' * 10_000 + "1]", None),
        (json.dumps({"a": "[,{" * 20_000}), None),
        ('"' + "\\\\" * 20_000 + '"', None),
    ],
)
def test_the_values_of_a_message_are_counted_before_it_is_parsed(value: str, says: str | None) -> None:
    if says is None:
        assert parse(value, 20_000) == json.loads(value)
    else:
        with pytest.raises(LimitExceeded, match=says):
            parse(value, 20_000)


def test_endless_tests_are_the_scripts_error() -> None:
    tests = ",".join(['{"name":"","passed":1}'] * 4000)
    sent = [f'["execution.assertion", {{"execution": "@"}}, [{tests}]]'] * 3
    assert failure_of_talk(sent) == "The script was stopped: it made more than 10000 tests."


def test_endless_errors_are_the_scripts_error() -> None:
    sent = ['["execution.error", {"execution": "@"}, {"message": "x"}, false]'] * 1001
    assert failure_of_talk(sent) == "The script was stopped: it left more than 1000 errors uncaught."


def failure_of_talk(sent: list[str]) -> str:
    """The error for messages in which `@` is replaced by the conversation's id."""
    conversation = Conversation(RecordingHost(), lambda message: None, ThreadPoolExecutor())
    with pytest.raises(LimitExceeded) as failure:
        for text in sent:
            conversation.receive(text.replace("@", conversation.id))
    return f"The script was stopped: {failure.value}."


def test_a_message_that_is_not_utf8_fails_the_run() -> None:
    assert failure_of(struct.pack("!I", 2) + b"\xff\xfe") == "The script's process sent an invalid message."


def test_a_message_that_claims_to_be_huge_is_not_waited_for() -> None:
    started = time.monotonic()
    huge = struct.pack("!I", 2**32 - 1) + b"x"
    assert "came to more than 100000 bytes" in failure_of(huge, timeout_ms=20_000)
    assert time.monotonic() - started < 10


def test_an_incomplete_message_fails_the_run() -> None:
    assert failure_of(struct.pack("!I", 100) + b"half") == "The script sandbox was lost."


def test_messages_about_other_executions_are_ignored() -> None:
    forged = frame('["execution.result.other", null, {"environment": {}}]') + frame(
        '["execution.assertion", {"execution": "other"}, [{"name": "forged", "passed": true}]]'
    )
    assert failure_of(forged) == "The script sandbox was lost."


def test_a_child_that_reads_nothing_cannot_block_the_run() -> None:
    taken = TakenOver(b"", then_close=False)
    started = time.monotonic()
    with SandboxSession(taken) as session:  # type: ignore[arg-type]
        context = {"globals": {"values": [{"key": "big", "value": "x" * 5_000_000}]}}
        outcome = session.execute("test", "1", context, ScriptOptions(300), RecordingHost())
    assert outcome.error is not None
    assert time.monotonic() - started < 10


def test_a_child_that_never_stops_asking_is_stopped_in_time() -> None:
    host = RecordingHost()
    host.vault = lambda command, arguments: time.sleep(0.1)  # type: ignore[method-assign]
    taken = TakenOver(b"", then_close=False)
    started = time.monotonic()
    with SandboxSession(taken) as session:  # type: ignore[arg-type]
        asking = threading.Thread(target=ask_for_ever, args=(taken.theirs,), daemon=True)
        asking.start()
        outcome = session.execute("test", "1", {}, ScriptOptions(300), host)
    assert outcome.error is not None
    assert outcome.error.message == "sandbox not responding: the script did not end within 0.3 s"
    assert time.monotonic() - started < 10


def ask_for_ever(child: socket.socket) -> None:
    """Asks for a secret of the vault as often as the limit of output allows."""
    inbox = Inbox()
    while (message := inbox.pop(2**20)) is None:
        inbox.feed(child.recv(65536))
    execution = json.loads(message)[1]
    question = frame(json.dumps([f"execution.vault.{execution}", 1, "get", "key"]))
    with contextlib.suppress(OSError):
        child.sendall(question * 190)


def test_messages_arrive_complete_in_whatever_pieces_they_are_sent() -> None:
    inbox, data = Inbox(), frame("first ü") + frame("") + frame("third")
    seen: list[str] = []
    for index in range(len(data)):
        inbox.feed(data[index : index + 1])
        while (message := inbox.pop(100)) is not None:
            seen.append(message)
    assert seen == ["first ü", "", "third"]
    inbox.feed(frame("too long"))
    with pytest.raises(MessageTooLong):
        inbox.pop(3)


def test_threads_may_write_at_the_same_time() -> None:
    ours, theirs = socket.socketpair()
    connection = ChildConnection(ours, socket.socketpair()[0])
    connection.deadline = time.monotonic() + 5
    threads = [threading.Thread(target=connection.send, args=([str(n) * 10_000],)) for n in range(8)]
    for thread in threads:
        thread.start()
    inbox = Inbox()
    seen: list[str] = []
    while len(seen) < 8:
        inbox.feed(theirs.recv(65536))
        while (message := inbox.pop(2**20)) is not None:
            seen.append(message)
    assert len({one[:4] for one in seen}) == 8
    connection.close()
