"""What a child could not do even if a script broke out of the engine: the tests make real system calls."""

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitors.runner.sandbox import confinement
from monitors.runner.sandbox.confinement import ChildConfinement, isolate_zygote
from monitors.runner.sandbox.seccomp import is_known_architecture

filtered = pytest.mark.skipif(
    sys.platform != "linux" or not is_known_architecture(),
    reason="needs Linux's seccomp on a known processor",
)


def confined(attempt: Callable[[], object]) -> int:
    """The wait status of a process that is confined like a child and then calls a function."""
    confine = ChildConfinement(memory_bytes=2**26, cpu_seconds=1)
    pid = os.fork()
    if pid == 0:
        try:
            confine.apply_to_child_of(os.getppid())
            attempt()
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1]


ATTEMPTS: dict[str, Callable[[], object]] = {
    "fork": os.fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "open a file": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write a file": lambda: os.open("/tmp/stolen", os.O_CREAT | os.O_WRONLY),
    "list a folder": lambda: os.listdir("/"),
    "ask about a file": lambda: os.stat("/"),
    "open a socket": socket.socket,
    "open a local socket": lambda: socket.socket(socket.AF_UNIX),
    "signal the zygote": lambda: os.kill(os.getppid(), 0),
    "signal everybody": lambda: os.kill(-1, 0),
    "signal its group": lambda: os.killpg(0, 0),
    "trace a process": lambda: ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0),
    "read another's memory": lambda: ctypes.CDLL(None).process_vm_readv(os.getppid(), None, 0, None, 0, 0),
    "become root": lambda: os.setuid(0),
    "raise its limits": lambda: resource.setrlimit(resource.RLIMIT_CPU, (100, 100)),
    "change its folder": lambda: os.chdir("/"),
    "duplicate a descriptor": lambda: os.dup(0),
    "map executable memory": lambda: mmap.mmap(
        -1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    ),
    "outlive its zygote": lambda: ctypes.CDLL(None).prctl(1, 0, 0, 0, 0),
    "leave its session": os.setsid,
    "lower its priority for others": lambda: os.nice(-5),
    "share memory": lambda: ctypes.CDLL(None).shmget(1, 4096, 0o1600),
    "make a keyring": lambda: ctypes.CDLL(None).syscall(250, 1, 0),
    "ask for io_uring": lambda: ctypes.CDLL(None).syscall(425, 1, 0),
    "start a thread": lambda: __import__("_thread").start_new_thread(print, ()),
    "mount": lambda: ctypes.CDLL(None).mount(b"none", b"/mnt", b"tmpfs", 0, None),
    "make a namespace": lambda: ctypes.CDLL(None).unshare(0x10000000),
}


@filtered
@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_kernel_kills_a_child_that_tries_to(name: str) -> None:
    status = confined(ATTEMPTS[name])
    assert os.WIFSIGNALED(status), f"it ended with {os.waitstatus_to_exitcode(status)}"
    assert os.WTERMSIG(status) == signal.SIGSYS


@filtered
def test_the_system_calls_that_the_engine_needs_are_allowed() -> None:
    def harmless() -> None:
        bytearray(2**22)
        os.getpid()
        os.urandom(16)
        assert os.waitstatus_to_exitcode(0) == 0

    assert confined(harmless) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_memory_and_processor_time_are_limited_by_the_system_too() -> None:
    def devour() -> None:
        blocks = []
        while True:
            blocks.append(bytearray(2**24))

    def burn() -> None:
        while True:
            pass

    assert os.waitstatus_to_exitcode(confined(devour)) == 0  # MemoryError, and the `finally` above
    assert os.WTERMSIG(confined(burn)) == signal.SIGXCPU


def test_it_names_the_protections_that_this_machine_lacks() -> None:
    missing = confinement()
    if sys.platform == "linux" and os.geteuid() == 0:
        assert missing == []
    assert all(isinstance(phrase, str) for phrase in missing)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs to start as root on Linux")
@pytest.mark.parametrize("uid", [0, 1234])
def test_a_zygote_of_any_user_gives_up_network_and_privileges(uid: int) -> None:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setuid(uid)
            lacks_nothing = isolate_zygote() == []
            powerless = "CapEff:\t0000000000000000" in Path("/proc/self/status").read_text()
            alone = [name for _, name in socket.if_nameindex()] == ["lo"]
            status = 0 if lacks_nothing and powerless and alone and os.getuid() != 0 else 1
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
