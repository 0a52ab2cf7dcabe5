"""What is taken from the process that runs scripts, and what this machine cannot take."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import resource
import signal
import subprocess
import sys
from pathlib import Path

from .launch import command
from .seccomp import SeccompFilter, is_known_architecture

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE = 1, 38, 4
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
CAPABILITY_VERSION_3 = 0x20080522
ON_LINUX = sys.platform == "linux"
NOBODY = 65534
ROOM_FOR_MESSAGES = 64 * 1024 * 1024

NO_SECCOMP = "no filter on system calls (seccomp)"
NO_NETWORK_NAMESPACE = "no network namespace of its own"
NOT_LINUX = "scripts' processes are confined by resource limits alone on this system"


def isolate_zygote() -> list[str]:
    """Take network and privileges from this process and all it forks; answers what could not be taken."""
    missing = []
    if not ON_LINUX:
        missing.append(NOT_LINUX)
    elif not _leave_network():
        missing.append(NO_NETWORK_NAMESPACE)
    if ON_LINUX:
        _be_first_to_go()
    if os.geteuid() == 0:
        _become_nobody()
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK):
        resource.setrlimit(limit, (0, 0))
    if ON_LINUX and not is_known_architecture():
        missing.append(NO_SECCOMP)
    return missing


def _leave_network() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET | CLONE_NEWIPC) == 0:
        return True
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) != 0:
        return False
    # Whoever makes a user namespace is all-powerful in it.
    header, no_capabilities = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    return bool(libc.capset(header, no_capabilities) == 0)


def _be_first_to_go() -> None:
    """When the machine has no memory left, the kernel ends the largest of these before any other process."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _become_nobody() -> None:
    try:
        user = pwd.getpwnam("nobody")
        uid, gid = user.pw_uid, user.pw_gid
    except KeyError:
        uid = gid = NOBODY
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


class ChildConfinement:
    """What each child gives up for good right after the fork; prepared once in the zygote."""

    def __init__(self, memory_bytes: int, cpu_seconds: int) -> None:
        self._cpu_seconds = cpu_seconds
        # The engine's own limit comes first, so that a script meets an error that it can report.
        room = memory_bytes + ROOM_FOR_MESSAGES
        self._address_space = _address_space() + room if ON_LINUX else resource.RLIM_INFINITY
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._filter = SeccompFilter() if ON_LINUX and is_known_architecture() else None

    def apply_to_child_of(self, zygote: int) -> None:
        """Confine the calling process, a child of that one. Raises OSError when the system refuses."""
        limits = {
            resource.RLIMIT_CPU: (self._cpu_seconds, self._cpu_seconds + 1),
            resource.RLIMIT_AS: (self._address_space, self._address_space),
            resource.RLIMIT_NPROC: (0, 0),
            # Not 0: poll() refuses to watch more descriptors than the limit.
            resource.RLIMIT_NOFILE: (1, 1),
        }
        for limit, values in limits.items():
            resource.setrlimit(limit, values)
        if ON_LINUX:
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != zygote:
                os._exit(0)
            self._libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
            self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if self._filter:
            self._filter.install()


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def confinement() -> list[str]:
    """What protections this machine lacks, each as a phrase for an operator; empty when it has them all.

    Tries them for real in a process that ends at once.
    """
    done = subprocess.run(
        command("confinement", "probe"), env={}, capture_output=True, text=True, check=False
    )
    missing: list[str] = json.loads(done.stdout) if done.returncode == 0 else [NO_SECCOMP]
    return missing


def probe() -> None:
    """The process behind `confinement`."""
    missing = isolate_zygote()
    sys.stdout.write(json.dumps(missing))
    sys.stdout.flush()
    ChildConfinement(memory_bytes=2**26, cpu_seconds=1).apply_to_child_of(os.getppid())
    os._exit(0)
