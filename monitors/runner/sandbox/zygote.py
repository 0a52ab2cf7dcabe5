"""The parent's handle on the process that forks the sandboxes."""

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
from typing import Any

from .child_connection import ChildConnection
from .interface import SandboxFailed, SandboxLimits
from .launch import command

NODE_MODULES = Path(__file__).parents[3] / "node_modules"
BOOT_SECONDS = 30
DEFAULT_LIMITS = SandboxLimits()

logger = logging.getLogger(__name__)


class Zygote:
    """Starts its process at the first `connect` and again when it died. Safe to share between threads, and to
    inherit by fork: each process that uses it gets a zygote process of its own."""

    def __init__(
        self,
        limits: SandboxLimits = DEFAULT_LIMITS,
        node_modules: Path = NODE_MODULES,
        time_zone: str = "UTC",
    ) -> None:
        """`time_zone` is what `Date` shows to scripts; empty is the machine's."""
        self.limits = limits
        self.node_modules = node_modules
        self.time_zone = time_zone
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def connect(self) -> ChildConnection:
        """A fresh child. Raises SandboxFailed when it cannot start."""
        with self._lock:
            for _ in range(2):
                try:
                    return _request_child(self._running())
                except ConnectionError:  # It died.
                    self._stop()
                except OSError as problem:  # This process's own trouble; other sessions go on.
                    raise SandboxFailed(f"The script sandbox cannot start: {problem.strerror}.") from problem
        raise SandboxFailed("The script sandbox does not answer.")

    def _running(self) -> socket.socket:
        if self._control is None or self._process is None or self._owner != os.getpid():
            return self._start()
        if self._process.poll() is not None:
            self._stop()
            return self._start()
        return self._control

    def _start(self) -> socket.socket:
        if self._control:  # Inherited by fork: closed here, it goes on serving the process that started it.
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
        hello = _hello(control)
        if "error" in hello:
            self._stop()
            raise SandboxFailed(f"The script sandbox cannot start: {hello['error']}.")
        if hello["missing"]:
            logger.warning("Scripts run without: %s.", "; ".join(hello["missing"]))
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


def _hello(control: socket.socket) -> dict[str, Any]:
    """What the process says when it booted, or why it could not."""
    control.settimeout(BOOT_SECONDS)
    try:
        with control.makefile("rb") as lines:
            line = lines.readline()
    except OSError:
        line = b""
    control.settimeout(None)
    hello: dict[str, Any] = json.loads(line) if line else {"error": "its process ended while starting"}
    return hello


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
