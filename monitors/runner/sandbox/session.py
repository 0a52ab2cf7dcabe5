"""One run's scripts, from the runner's side."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Literal

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

# The bundle ends a script at its timeout by itself; this long after it, the script must be stuck.
GRACE_SECONDS = 0.5
REQUESTS_AT_ONCE = 16
MAX_CPU_STOPS = 3
"""Each gives the scripts that follow a new process, with CPU time of its own."""
# A message is worth at least this many bytes of a script's output: many small ones cost as well.
MIN_MESSAGE_BYTES = 512


class SandboxSession:
    """One run's scripts, one after another, in one process that keeps their globals."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._connection: ChildConnection | None = zygote.connect()
        self._cpu_stops = 0
        self._threads = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="script-request")

    def execute(
        self,
        listen: Literal["prerequest", "test"],
        source: str,
        context: dict[str, Any],
        options: ScriptOptions,
        host: ScriptHost,
    ) -> ScriptOutcome:
        """Run one script to its end. `context` is what postman-sandbox's `execute` takes; a response's
        `stream` may be bytes.

        A script that does not end in time, or goes over another limit, has that as its error, and its process
        with all globals is gone; the next script gets a new one. Raises SandboxFailed when the process was
        lost for another reason, or when scripts went over their CPU time for the third time.
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
            self._count(limit)
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
                raise SandboxFailed("The script's process sent a message that makes no sense.") from None
            except EOFError:
                raise connection.cause_of_death(limits) from None
            output -= max(len(message), MIN_MESSAGE_BYTES)
            if output < 0:
                raise LimitExceeded(_too_much_output(limits))
            conversation.receive(message)

    def _count(self, limit: LimitExceeded) -> None:
        if isinstance(limit, CpuTimeExceeded):
            self._cpu_stops += 1
            if self._cpu_stops == MAX_CPU_STOPS:
                raise SandboxFailed(f"The run was ended: {limit}, {MAX_CPU_STOPS} times over.")

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """End the process. May be called more than once."""
        self._disconnect()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> SandboxSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _timeout(milliseconds: int) -> ScriptError:
    words = f"sandbox not responding: the script did not end within {milliseconds / 1000:g} s"
    return ScriptError("Error", words)


def _too_much_output(limits: SandboxLimits) -> str:
    return f"its console, tests, variables and requests came to more than {limits.output_bytes} bytes"
