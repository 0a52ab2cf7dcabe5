"""The parent's ends of a child's two sockets, and the meaning of the child's exit status."""

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

from .interface import CpuTimeExceeded, JsonObject, LimitExceeded, SandboxFailed, SandboxLimits
from .wire import CHUNK, Inbox, frame

STATUS = struct.Struct("!i")
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""The child's memory limit leaves room for a message of this size in addition to the script's own memory."""
MAX_STATUS_WAIT_SECONDS = 2
"""The zygote sends a child's exit status as soon as the child has ended."""


class ChildConnection:
    """The connection to a child: a channel to the child itself, and a lifeline to its zygote."""

    def __init__(self, channel: socket.socket, lifeline: socket.socket) -> None:
        self._channel = channel
        self._lifeline = lifeline
        self._writing = threading.Lock()
        self._inbox = Inbox()
        self.deadline = 0.0
        """The running script's, on the monotonic clock: no call waits longer."""

    def send(self, message: list[object]) -> None:
        """Send a message: a list of the event's name and its arguments. Safe to call from several threads.

        Raises LimitExceeded for a message that is too large for the child. Does not fail when the child is
        gone: the thread that reads notices that.
        """
        with self._writing, contextlib.suppress(OSError):
            # Encoding within the lock keeps only one long response in memory twice.
            data = frame(json.dumps(message, default=_json_of))
            if len(data) > MAX_MESSAGE_BYTES:
                raise LimitExceeded(
                    f"its variables, request and response have more than "
                    f"{MAX_MESSAGE_BYTES // 1024 // 1024} MB"
                )
            self._limit_wait()
            self._channel.sendall(data)

    def receive(self, max_bytes: int) -> str:
        """The next message. Raises TimeoutError at the deadline, EOFError when the child is gone, and the
        errors of `Inbox.pop`."""
        while True:
            # Checked for every message, because a child may send without a pause.
            if time.monotonic() > self.deadline:
                raise TimeoutError
            message = self._inbox.pop(max_bytes)
            if message is not None:
                return message
            try:
                self._limit_wait()
                data = self._channel.recv(CHUNK)
            except TimeoutError:
                raise
            except OSError:  # The child reset the connection, or another thread closed it.
                data = b""
            if not data:
                raise EOFError
            self._inbox.feed(data)

    def _limit_wait(self) -> None:
        self._channel.settimeout(max(self.deadline - time.monotonic(), 0.001))

    def exit_reason(self, limits: SandboxLimits) -> LimitExceeded | SandboxFailed:
        """Why the child ended, as the zygote reports it."""
        with contextlib.suppress(OSError):
            self._lifeline.settimeout(MAX_STATUS_WAIT_SECONDS)
            data = self._lifeline.recv(STATUS.size)
            if data:
                return explain_status(STATUS.unpack(data)[0], limits)
        return SandboxFailed("The script sandbox was lost.")

    def close(self) -> None:
        """End the child: its zygote kills it as soon as the lifeline is shut down. Closing alone is not
        enough, because a process forked from this one may hold copies of the sockets."""
        for end in (self._lifeline, self._channel):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _json_of(value: object) -> JsonObject:
    """Bytes in the form that `responses.js` reads."""
    if not isinstance(value, bytes):
        raise TypeError(f"A script cannot be given a {type(value).__name__}.")
    try:
        return {"type": "Text", "data": value.decode(), "size": len(value)}
    except UnicodeDecodeError:
        return {"type": "Base64", "data": base64.b64encode(value).decode()}


def explain_status(status: int, limits: SandboxLimits) -> LimitExceeded | SandboxFailed:
    """The error for a child's wait status, with a sentence for the author of the script."""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return SandboxFailed(f"The script's process ended with status {code}.")
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return CpuTimeExceeded(f"the run's scripts used more than {limits.cpu_seconds} seconds of CPU time")
    if number == signal.SIGSYS:
        return SandboxFailed("The script's process was stopped: it tried something that the sandbox forbids.")
    if number == signal.SIGKILL:
        return SandboxFailed(
            "The script's process was killed, perhaps because the machine ran out of memory."
        )
    return SandboxFailed(f"The script engine crashed ({signal.Signals(number).name}).")
