"""The runner's side of the sandbox: one zygote per worker process, one session per run."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from .execution import Execution
from .interface import SandboxFailed, SandboxLimits, ScriptError, ScriptHost, ScriptOptions, ScriptOutcome
from .launch import command
from .wire import CHUNK, Inbox, MessageTooLong, frame
from .zygote import STATUS

NODE_MODULES = Path(__file__).parents[3] / "node_modules"

BOOT_SECONDS = 30
# The bundle ends a script at its timeout by itself; this long after it, the script must be stuck.
GRACE_SECONDS = 0.5
REQUESTS_AT_ONCE = 16
# A message is worth at least this many bytes of a script's output: many small ones cost as well.
LEAST_MESSAGE_BYTES = 512


class _Lost(Exception):
    """The zygote could not take a session: it is gone."""


class Connection:
    """A child's two sockets: its channel, and the lifeline that the zygote holds the other end of."""

    def __init__(self, channel: socket.socket, lifeline: socket.socket) -> None:
        self._channel = channel
        self._lifeline = lifeline
        self._writing = threading.Lock()
        self._inbox = Inbox()

    def send(self, message: list[Any]) -> None:
        """Any thread may send. What a child that is gone would have got is lost without an error here: the
        thread that reads finds out."""
        data = frame(json.dumps(message, default=_json_of))
        with self._writing:
            try:
                self._channel.sendall(data)
            except OSError:
                pass

    def receive(self, deadline: float, most_bytes: int) -> str:
        """The next message. Raises TimeoutError at the deadline, EOFError when the child is gone."""
        while True:
            message = self._inbox.pop(most_bytes)
            if message is not None:
                return message
            self._channel.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self._channel.recv(CHUNK)
            except ConnectionResetError:
                data = b""
            if not data:
                raise EOFError
            self._inbox.feed(data)

    def cause_of_death(self, limits: SandboxLimits) -> str:
        self._lifeline.settimeout(2)
        try:
            data = self._lifeline.recv(STATUS.size)
        except OSError:
            data = b""
        if not data:
            return "The script sandbox was lost."
        (status,) = STATUS.unpack(data)
        return _explain(status, limits)

    def close(self) -> None:
        """The zygote kills the child as soon as the lifeline closes."""
        for one in (self._lifeline, self._channel):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


def _json_of(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"type": "Base64", "data": base64.b64encode(value).decode()}
    raise TypeError(f"A script cannot be given a {type(value).__name__}.")


def _explain(status: int, limits: SandboxLimits) -> str:
    if not os.WIFSIGNALED(status):
        return f"The script's process ended with status {os.waitstatus_to_exitcode(status)}."
    number = os.WTERMSIG(status)
    name = signal.Signals(number).name
    if number == signal.SIGXCPU:
        return f"The run's scripts used more than {limits.cpu_seconds} seconds of CPU time and were stopped."
    if number == signal.SIGSYS:
        return "The script's process was stopped: it attempted what the sandbox forbids."
    if number == signal.SIGKILL:
        return "The script's process was killed, probably because the machine ran out of memory."
    return f"The script engine crashed ({name})."


class SandboxSession:
    """One run's scripts, one after another, in one process that keeps their globals."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._connection: Connection | None = zygote.connect()
        self._threads = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="script-request")

    def execute(
        self,
        listen: Literal["prerequest", "test"],
        source: str,
        context: dict[str, Any],
        options: ScriptOptions,
        host: ScriptHost,
    ) -> ScriptOutcome:
        """Run one script to its end.

        A script that does not end in time has that as its error, and its process with all globals is gone;
        the next script gets a new one. Raises SandboxFailed when the process was lost for another reason.
        """
        if self._connection is None:
            self._connection = self._zygote.connect()
        execution = Execution(host, self._connection.send, self._threads)
        execution.start(listen, source, context, options)
        try:
            self._listen(self._connection, execution, options.timeout_ms / 1000)
        except TimeoutError:
            error = _timeout(options.timeout_ms)
            execution.outcome.error = error
            execution.outcome.exceptions.append(error)
            self._disconnect()
        except SandboxFailed:
            self._disconnect()
            raise
        return execution.outcome

    def _listen(self, connection: Connection, execution: Execution, seconds: float) -> None:
        deadline = time.monotonic() + seconds + GRACE_SECONDS
        output = self._zygote.limits.output_bytes
        while not execution.ended:
            try:
                message = connection.receive(deadline, output)
            except MessageTooLong:
                raise SandboxFailed(_too_much_output(self._zygote.limits)) from None
            except UnicodeDecodeError:
                raise SandboxFailed("The script's process sent a message that makes no sense.") from None
            except EOFError:
                raise SandboxFailed(connection.cause_of_death(self._zygote.limits)) from None
            output -= max(len(message), LEAST_MESSAGE_BYTES)
            if output < 0:
                raise SandboxFailed(_too_much_output(self._zygote.limits))
            execution.take(message)

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
    return ScriptError(
        "Error", f"sandbox not responding: the script did not end within {milliseconds / 1000:g} s"
    )


def _too_much_output(limits: SandboxLimits) -> str:
    return (
        f"A script's console, tests, variables and requests came to more than {limits.output_bytes} bytes: "
        "let it write less."
    )


class Zygote:
    """Starts its process at the first `open` and again when it died. Safe to share between threads."""

    def __init__(self, limits: SandboxLimits = SandboxLimits(), node_modules: Path = NODE_MODULES) -> None:
        self.limits = limits
        self.node_modules = node_modules
        self.missing: list[str] = []
        """Protections that the running process could not get, as phrases for an operator."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def open(self) -> SandboxSession:
        """A fresh sandbox for one run. Raises SandboxFailed when it cannot start."""
        return SandboxSession(self)

    def connect(self) -> Connection:
        """A fresh child. Raises SandboxFailed when it cannot start."""
        with self._lock:
            for _ in range(2):
                if self._owner != os.getpid() or self._process is None or self._process.poll() is not None:
                    self._start()
                try:
                    return self._connect()
                except OSError:
                    self._stop()
        raise SandboxFailed("The script sandbox does not answer.")

    def _connect(self) -> Connection:
        assert self._control is not None
        channel, child_channel = socket.socketpair()
        lifeline, zygote_lifeline = socket.socketpair()
        with child_channel, zygote_lifeline:
            try:
                socket.send_fds(self._control, [b"+"], [child_channel.fileno(), zygote_lifeline.fileno()])
            except OSError:
                channel.close()
                lifeline.close()
                raise
        return Connection(channel, lifeline)

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._owner = os.getpid()
        with theirs:
            arguments = (str(theirs.fileno()), str(self.node_modules))
            limits = (str(self.limits.memory_bytes), str(self.limits.cpu_seconds))
            self._process = subprocess.Popen(
                command("zygote", "main", *arguments, *limits),
                env={"TZ": "UTC"},
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._await_boot()

    def _await_boot(self) -> None:
        assert self._control is not None
        self._control.settimeout(BOOT_SECONDS)
        with self._control.makefile("rb") as lines:
            line = lines.readline()
        self._control.settimeout(None)
        hello = json.loads(line) if line else {"error": "its process ended while starting"}
        if "error" in hello:
            self._stop()
            raise SandboxFailed(f"The script sandbox cannot start: {hello['error']}.")
        self.missing = hello["missing"]

    def _stop(self) -> None:
        if self._owner != os.getpid():
            return
        if self._control:
            self._control.close()
        if self._process:
            self._process.wait()
        self._control = self._process = None

    def close(self) -> None:
        """End the process and every session that is still open."""
        with self._lock:
            self._stop()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
