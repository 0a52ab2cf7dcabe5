"""The parent's handle on the zygote: the process that forks the sandboxes."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import threading
from pathlib import Path
from types import TracebackType

from .child_connection import ChildConnection
from .interface import JsonObject, SandboxFailed, SandboxLimits
from .launch import command

NODE_MODULES = Path(__file__).parents[3] / "node_modules"
BOOT_SECONDS = 30
DEFAULT_LIMITS = SandboxLimits()

logger = logging.getLogger(__name__)


class Zygote:
    """Starts the zygote process at the first `connect`, and again after it has died.

    Safe to share between threads. After a fork, each process that uses the object gets a zygote of its own.
    """

    def __init__(
        self,
        limits: SandboxLimits = DEFAULT_LIMITS,
        node_modules: Path = NODE_MODULES,
        time_zone: str = "UTC",
    ) -> None:
        """`time_zone` is the time zone of scripts; empty for the machine's."""
        self.limits = limits
        self.node_modules = node_modules
        self.time_zone = time_zone
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def connect(self) -> ChildConnection:
        """Fork a child. Raises SandboxFailed when that fails."""
        with self._lock:
            for _ in range(2):
                try:
                    return _request_child(self._running())
                except ConnectionError:  # The zygote has died.
                    self._stop()
                except OSError as problem:  # An error of this process: other sessions continue.
                    raise SandboxFailed(f"The script sandbox cannot start: {problem.strerror}.") from problem
        raise SandboxFailed("The script sandbox does not respond.")

    def _running(self) -> socket.socket:
        if self._control is None or self._process is None or self._owner != os.getpid():
            return self._start()
        if self._process.poll() is not None:
            self._stop()
            return self._start()
        return self._control

    def _start(self) -> socket.socket:
        if self._control:  # Inherited by a fork. The zygote continues to serve the process that started it.
            self._control.close()
        control, theirs = socket.socketpair()
        with theirs:
            limits = (str(self.limits.memory_bytes), str(self.limits.cpu_seconds))
            self._process = subprocess.Popen(
                command("zygote_process", "main", str(theirs.fileno()), str(self.node_modules), *limits),
                env={"TZ": self.time_zone} if self.time_zone else {},
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control, self._owner = control, os.getpid()
        greeting = _greeting(control)
        if "error" in greeting:
            self._stop()
            raise SandboxFailed(f"The script sandbox cannot start: {greeting['error']}.")
        if isinstance(missing := greeting["missing"], list) and missing:
            logger.warning("Scripts run without: %s.", "; ".join(missing))
        return control

    def _stop(self) -> None:
        if self._control:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)
            self._control.close()
        if self._process:
            self._process.wait()
        self._control = self._process = None

    def close(self) -> None:
        """End the process and every session that is still open."""
        with self._lock:
            if self._owner == os.getpid():
                self._stop()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _greeting(control: socket.socket) -> JsonObject:
    """The first message of the process: `missing` protections, or the `error` that kept it from starting."""
    control.settimeout(BOOT_SECONDS)
    try:
        with control.makefile("rb") as lines:
            line = lines.readline()
    except OSError:
        line = b""
    control.settimeout(None)
    greeting: JsonObject = json.loads(line) if line else {"error": "its process ended while starting"}
    return greeting


def _request_child(control: socket.socket) -> ChildConnection:
    channel, child_channel = socket.socketpair()
    lifeline, zygote_lifeline = socket.socketpair()
    with child_channel, zygote_lifeline:
        try:
            socket.send_fds(control, [b"+"], [child_channel.fileno(), zygote_lifeline.fileno()])
        except OSError:
            channel.close()
            lifeline.close()
            raise
    return ChildConnection(channel, lifeline)
