"""A sandbox session: runs the scripts of one run in a child process, and enforces their limits."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Literal

from .child_connection import ChildConnection
from .conversation import Conversation
from .interface import (
    CpuTimeExceeded,
    LimitExceeded,
    SandboxFailed,
    SandboxLimits,
    ScriptError,
    ScriptHost,
    ScriptOptions,
    ScriptOutcome,
)
from .wire import MessageTooLong
from .zygote import Zygote

GRACE_SECONDS = 0.5
"""The bundle itself ends a script at its timeout. A script that has not ended this much later is stuck."""
MAX_CONCURRENT_REQUESTS = 16
MAX_CPU_STOPS = 3
"""Scripts of a run that may exceed their CPU time: the scripts after each get a new process with new CPU
time."""
MIN_MESSAGE_BYTES = 512
"""A shorter message counts as this much output, because many short messages are expensive too."""


class SandboxSession:
    """One run's scripts, one after another, in one process that keeps their globals."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._connection: ChildConnection | None = zygote.connect()
        self._cpu_stops = 0
        self._threads = ThreadPoolExecutor(MAX_CONCURRENT_REQUESTS, thread_name_prefix="script-request")

    def execute(
        self,
        listen: Literal["prerequest", "test"],
        source: str,
        context: Mapping[str, object],
        options: ScriptOptions,
        host: ScriptHost,
    ) -> ScriptOutcome:
        """Run one script to its end. `context` is that of postman-sandbox's `execute`; a response's `stream`
        may be bytes.

        A script that exceeds its timeout or another limit gets an error that says so. Its process ends, with
        all globals, and the next script gets a new one. Raises SandboxFailed when the process ended for
        another reason, or when scripts have exceeded their CPU time MAX_CPU_STOPS times.
        """
        if self._connection is None:
            self._connection = self._zygote.connect()
        connection = self._connection
        connection.deadline = time.monotonic() + options.timeout_ms / 1000 + GRACE_SECONDS
        conversation = Conversation(host, connection.send, self._threads)
        try:
            conversation.start(listen, source, context, options)
            self._listen(connection, conversation)
            conversation.wait_for_requests(connection.deadline)
        except TimeoutError:
            conversation.fail(_timeout(options.timeout_ms))
            self._disconnect()
        except LimitExceeded as limit:
            self._disconnect()
            self._count_cpu_stops(limit)
            conversation.fail(ScriptError("Error", f"The script was stopped: {limit}."))
        except SandboxFailed:
            self._disconnect()
            raise
        return conversation.outcome

    def _listen(self, connection: ChildConnection, conversation: Conversation) -> None:
        limits = self._zygote.limits
        output = limits.output_bytes
        while not conversation.ended:
            try:
                message = connection.receive(output)
            except MessageTooLong:
                raise LimitExceeded(_too_much_output(limits)) from None
            except UnicodeDecodeError:
                raise SandboxFailed("The script's process sent an invalid message.") from None
            except EOFError:
                raise connection.exit_reason(limits) from None
            output -= max(len(message), MIN_MESSAGE_BYTES)
            if output < 0:
                raise LimitExceeded(_too_much_output(limits))
            conversation.receive(message)

    def _count_cpu_stops(self, limit: LimitExceeded) -> None:
        if isinstance(limit, CpuTimeExceeded):
            self._cpu_stops += 1
            if self._cpu_stops == MAX_CPU_STOPS:
                raise SandboxFailed(f"The run was ended: {limit}, {MAX_CPU_STOPS} times over.")

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """End the process. Safe to call more than once."""
        self._disconnect()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> SandboxSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _timeout(milliseconds: int) -> ScriptError:
    message = f"sandbox not responding: the script did not end within {milliseconds / 1000:g} s"
    return ScriptError("Error", message)


def _too_much_output(limits: SandboxLimits) -> str:
    return f"its console, tests, variables and requests came to more than {limits.output_bytes} bytes"
