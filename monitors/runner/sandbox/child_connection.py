"""The parent's ends of a child's two sockets, and what a child's death means."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import struct
import threading
import time
from typing import Any

from .interface import CpuTimeExceeded, LimitExceeded, SandboxFailed, SandboxLimits
from .wire import CHUNK, Inbox, frame

STATUS = struct.Struct("!i")
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""The child has room for as much beside the script's own memory."""
# The zygote tells a child's end right after the child's channel closed.
OBITUARY_SECONDS = 2


class ChildConnection:
    """A child's channel, and the lifeline whose other end its zygote holds."""

    def __init__(self, channel: socket.socket, lifeline: socket.socket) -> None:
        self._channel = channel
        self._lifeline = lifeline
        self._writing = threading.Lock()
        self._inbox = Inbox()
        self.deadline = 0.0
        """Of the script that runs, on the monotonic clock: no call waits longer."""

    def send(self, message: list[Any]) -> None:
        """Any thread may send. What a child that is gone would have got is lost without an error here: the
        thread that reads finds out. Raises LimitExceeded for more than a child has room for."""
        with self._writing, contextlib.suppress(OSError):
            # One at a time, so that many long responses are not held twice.
            data = frame(json.dumps(message, default=_json_of))
            if len(data) > MAX_MESSAGE_BYTES:
                raise LimitExceeded(
                    f"what it was to be given, its variables, request and response, is more than "
                    f"{MAX_MESSAGE_BYTES // 1024 // 1024} MB"
                )
            self._limit_wait()
            self._channel.sendall(data)

    def receive(self, most_bytes: int) -> str:
        """The next message. Raises TimeoutError at the deadline, EOFError when the child is gone, and what
        `Inbox.pop` raises."""
        while True:
            # A child that never stops sending is late all the same.
            if time.monotonic() > self.deadline:
                raise TimeoutError
            message = self._inbox.pop(most_bytes)
            if message is not None:
                return message
            try:
                self._limit_wait()
                data = self._channel.recv(CHUNK)
            except TimeoutError:
                raise
            except OSError:  # Reset by the child's end, or closed here by another thread.
                data = b""
            if not data:
                raise EOFError
            self._inbox.feed(data)

    def _limit_wait(self) -> None:
        self._channel.settimeout(max(self.deadline - time.monotonic(), 0.001))

    def cause_of_death(self, limits: SandboxLimits) -> LimitExceeded | SandboxFailed:
        with contextlib.suppress(OSError):
            self._lifeline.settimeout(OBITUARY_SECONDS)
            data = self._lifeline.recv(STATUS.size)
            if data:
                return explain_status(STATUS.unpack(data)[0], limits)
        return SandboxFailed("The script sandbox was lost.")

    def close(self) -> None:
        """The zygote kills the child as soon as the lifeline closes. Shut down rather than only closed: a
        process forked from this one may hold copies."""
        for one in (self._lifeline, self._channel):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def _json_of(value: Any) -> dict[str, Any]:
    if not isinstance(value, bytes):
        raise TypeError(f"A script cannot be given a {type(value).__name__}.")
    try:
        return {"type": "Text", "data": value.decode(), "size": len(value)}
    except UnicodeDecodeError:
        return {"type": "Base64", "data": base64.b64encode(value).decode()}


def explain_status(status: int, limits: SandboxLimits) -> LimitExceeded | SandboxFailed:
    """What a child's wait status means to the person whose script it ran."""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return SandboxFailed(f"The script's process ended with status {code}.")
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return CpuTimeExceeded(f"the run's scripts used more than {limits.cpu_seconds} seconds of CPU time")
    if number == signal.SIGSYS:
        return SandboxFailed("The script's process was stopped: it attempted what the sandbox forbids.")
    if number == signal.SIGKILL:
        return SandboxFailed(
            "The script's process was killed, perhaps because the machine ran out of memory."
        )
    return SandboxFailed(f"The script engine crashed ({signal.Signals(number).name}).")
