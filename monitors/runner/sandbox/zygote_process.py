"""The zygote process: boots the script bundle once and forks a child for each session.

Its parent sends two descriptors on the control socket for each session: the child's channel, and a lifeline
that stays in the zygote. When the parent closes a lifeline, the zygote kills that child. When a child ends,
the zygote sends its exit status on the lifeline. When the control socket closes, because the parent closed it
or died, the zygote and all children end.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

from .child import run_child
from .child_connection import STATUS
from .confinement import ON_LINUX, ChildConfinement, isolate_zygote
from .engine import Engine

MAX_DESCRIPTORS = 4096
"""Descriptors that each child closes."""
BUSY_SECONDS = 1
"""CPU time after which a child gets the lowest priority."""
LOWEST_PRIORITY = 19
PARENT_CHECK_SECONDS = 5
"""Between checks that the parent lives: processes forked from it may keep the control socket open."""


class Forker:
    """Forks children and reports their ends."""

    def __init__(self, control: socket.socket, engine: Engine, confinement: ChildConfinement) -> None:
        self._control = control
        self._engine = engine
        self._confinement = confinement
        self._lifelines: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._next_priority_check = 0.0

    def serve(self) -> None:
        """Fork and reap until the control socket closes or the parent is gone."""
        woken, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda number, stack: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(woken, selectors.EVENT_READ)
        parent = os.getppid()
        while os.getppid() == parent:
            for key, _ in self._selector.select(BUSY_SECONDS if self._lifelines else PARENT_CHECK_SECONDS):
                if key.fileobj == woken:
                    os.read(woken, 4096)
                    self._reap()
                elif key.fileobj is self._control:
                    if not self._accept():
                        return
                else:
                    self._kill(key.data)
            self._lower_busy_priorities()

    def kill_all(self) -> None:
        for pid in self._lifelines:
            os.kill(pid, signal.SIGKILL)

    def _accept(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
        if not data:
            return False
        if len(descriptors) < 2:  # Too many open files. The session notices that its channel is closed.
            for descriptor in descriptors:
                os.close(descriptor)
            return True
        channel, lifeline = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        with channel:
            pid = self._fork(channel)
        if pid is None:
            lifeline.close()
            return True
        self._lifelines[pid] = lifeline
        self._selector.register(lifeline, selectors.EVENT_READ, pid)
        return True

    def _fork(self, channel: socket.socket) -> int | None:
        zygote = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # Too many processes. The session notices that its channel is closed.
            return None
        if pid == 0:
            self._become_child(channel, zygote)
        return pid

    def _become_child(self, channel: socket.socket, zygote: int) -> NoReturn:
        signal.set_wakeup_fd(-1)
        os.dup2(channel.fileno(), 0)
        channel.detach()
        os.closerange(1, MAX_DESCRIPTORS)
        session = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=0)
        run_child(self._engine, session, self._confinement, zygote)
        raise AssertionError("run_child returned")

    def _kill(self, pid: int) -> None:
        # The child may have ended since the event was selected.
        if lifeline := self._lifelines.get(pid):
            self._selector.unregister(lifeline)
            os.kill(pid, signal.SIGKILL)

    def _lower_busy_priorities(self) -> None:
        now = time.monotonic()
        if not ON_LINUX or now < self._next_priority_check:
            return
        self._next_priority_check = now + BUSY_SECONDS
        for pid in self._lifelines:
            with contextlib.suppress(OSError):  # The child has just ended.
                if _cpu_seconds(pid) > BUSY_SECONDS:
                    os.setpriority(os.PRIO_PROCESS, pid, LOWEST_PRIORITY)

    def _reap(self) -> None:
        while self._lifelines:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._report_end(pid, status)

    def _report_end(self, pid: int, status: int) -> None:
        lifeline = self._lifelines.pop(pid)
        if lifeline in self._selector.get_map():
            self._selector.unregister(lifeline)
        # A session that has closed its end of the lifeline does not need the status.
        with contextlib.suppress(OSError):
            lifeline.send(STATUS.pack(status))
        lifeline.close()


def _cpu_seconds(pid: int) -> float:
    """CPU time of a process, by its own clock (Linux's MAKE_PROCESS_CPUCLOCK). Raises OSError when it has
    ended."""
    return time.clock_gettime((~pid << 3) | 2)


def _limit_descriptors() -> None:
    """Allow no more descriptors than each child closes."""
    allowed, maximum = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY or allowed > MAX_DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_DESCRIPTORS, maximum))


def _shrink() -> None:
    """Reduce the pages that each fork must map, and keep the garbage collector from touching them."""
    gc.collect()
    gc.freeze()
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def main(control_descriptor: str, node_modules: str, memory_bytes: str, cpu_seconds: str) -> None:
    """The zygote process.

    1. Boot the engine and run the warm-up script.
    2. Give up network and privileges. Files and modules cannot be read from here on.
    3. Write a line of JSON to the control socket: the protections that are `missing`, or the `error`.
    4. Fork a child for each session until the control socket closes.
    """
    control = socket.socket(fileno=int(control_descriptor))
    try:
        engine = Engine(Path(node_modules))
        engine.warm_up()
        engine.limit_memory(int(memory_bytes))
        _limit_descriptors()
        missing = isolate_zygote()
        confinement = ChildConfinement(int(memory_bytes), int(cpu_seconds))
    except (OSError, RuntimeError) as problem:
        control.sendall(json.dumps({"error": str(problem)}).encode() + b"\n")
        return
    _shrink()
    control.sendall(json.dumps({"missing": missing}).encode() + b"\n")
    forker = Forker(control, engine, confinement)
    try:
        forker.serve()
    finally:
        forker.kill_all()
