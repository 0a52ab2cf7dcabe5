"""Takes network, privileges and resources from the processes that run scripts."""

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
MESSAGE_BYTES = 64 * 1024 * 1024
"""Memory for messages, in addition to the memory of scripts."""

NO_SECCOMP = "no filter on system calls (seccomp)"
NO_NETWORK_NAMESPACE = "no network namespace of its own"
NOT_LINUX = "scripts' processes are confined by resource limits alone on this system"


def isolate_zygote() -> list[str]:
    """Take network and privileges from this process and all its children.

    Returns the protections that this machine lacks, each as a phrase for its operator.
    """
    missing = []
    if not ON_LINUX:
        missing.append(NOT_LINUX)
    elif not _leave_network():
        missing.append(NO_NETWORK_NAMESPACE)
    if ON_LINUX:
        _become_first_oom_victim()
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
    # The creator of a user namespace has all capabilities in it.
    header, no_capabilities = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    return bool(libc.capset(header, no_capabilities) == 0)


def _become_first_oom_victim() -> None:
    """When memory runs out, the kernel kills the largest of these processes before any other process."""
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
    """Confines each child for good right after the fork. The zygote prepares it once."""

    def __init__(self, memory_bytes: int, cpu_seconds: int) -> None:
        self._cpu_seconds = cpu_seconds
        # Larger than the engine's own limit, so that the engine can still report that its memory is used up.
        growth = memory_bytes + MESSAGE_BYTES
        self._address_space = _address_space() + growth if ON_LINUX else resource.RLIM_INFINITY
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._filter = SeccompFilter() if ON_LINUX and is_known_architecture() else None

    def apply_to_child_of(self, zygote: int) -> None:
        """Confine the calling process, whose parent must be `zygote`. Raises OSError when the system refuses.

        1. Limit CPU time, memory, processes and descriptors.
        2. Die with the zygote, and end at once if it has died already.
        3. Forbid new privileges, then all system calls that scripts do not need.
        """
        limits = {
            resource.RLIMIT_CPU: (self._cpu_seconds, self._cpu_seconds + 1),
            resource.RLIMIT_AS: (self._address_space, self._address_space),
            resource.RLIMIT_NPROC: (0, 0),
            # Not 0: poll() fails for more descriptors than the limit.
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
    """Bytes of address space that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def confinement() -> list[str]:
    """The protections that this machine lacks, each as a phrase for its operator; empty when it has them all.

    Tests them in a process that ends at once.
    """
    completed = subprocess.run(
        command("confinement", "probe"), env={}, capture_output=True, text=True, check=False
    )
    missing: list[str] = json.loads(completed.stdout) if completed.returncode == 0 else [NO_SECCOMP]
    return missing


def probe() -> None:
    """The process that `confinement` starts."""
    missing = isolate_zygote()
    sys.stdout.write(json.dumps(missing))
    sys.stdout.flush()
    ChildConfinement(memory_bytes=2**26, cpu_seconds=1).apply_to_child_of(os.getppid())
    os._exit(0)
