"""A seccomp filter for the sandbox's children: it allows a few system calls and kills the process for any
other.

It is a classic BPF program. See Linux's Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import platform
import struct
from dataclasses import dataclass

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
RETURN_KILL_PROCESS, RETURN_ALLOW = 0x80000000, 0x7FFF0000
PROT_EXEC = 4

# Offsets in struct seccomp_data. The third argument's is that of its low half on little-endian machines.
NUMBER, ARCHITECTURE, THIRD_ARGUMENT = 0, 4, 32
LOAD, JUMP_IF_EQUAL, JUMP_IF_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06


@dataclass(frozen=True)
class Architecture:
    """The system calls of one processor architecture, by name and number."""

    audit_value: int
    allowed: dict[str, int]
    never_executable: dict[str, int]
    """System calls that map memory. They are allowed unless they ask for executable pages."""


ARCHITECTURES = {
    "x86_64": Architecture(
        audit_value=0xC000003E,
        allowed={
            "read": 0, "write": 1, "poll": 7, "munmap": 11, "brk": 12, "rt_sigprocmask": 14,
            "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28, "getpid": 39,
            "sendto": 44, "recvfrom": 45, "exit": 60, "gettimeofday": 96, "getrusage": 98, "time": 201,
            "futex": 202, "restart_syscall": 219, "clock_gettime": 228, "clock_nanosleep": 230,
            "exit_group": 231, "ppoll": 271, "getrandom": 318,
        },
        never_executable={"mmap": 9, "mprotect": 10},
    ),
    "aarch64": Architecture(
        audit_value=0xC00000B7,
        allowed={
            "read": 63, "write": 64, "ppoll": 73, "exit": 93, "exit_group": 94, "futex": 98,
            "clock_gettime": 113, "clock_nanosleep": 115, "sched_yield": 124, "restart_syscall": 128,
            "rt_sigprocmask": 135, "rt_sigreturn": 139, "gettimeofday": 169, "getpid": 172,
            "getrusage": 165, "sendto": 206, "recvfrom": 207, "brk": 214, "munmap": 215, "mremap": 216,
            "madvise": 233, "getrandom": 278,
        },
        never_executable={"mmap": 222, "mprotect": 226},
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _filter(architecture: Architecture) -> bytes:
    kill, allow = _instruction(RETURN, RETURN_KILL_PROCESS), _instruction(RETURN, RETURN_ALLOW)
    program = [
        _instruction(LOAD, ARCHITECTURE),
        _instruction(JUMP_IF_EQUAL, architecture.audit_value, if_true=1),
        kill,
        _instruction(LOAD, NUMBER),
    ]
    for number in architecture.allowed.values():
        program += [_instruction(JUMP_IF_EQUAL, number, if_false=1), allow]
    for number in architecture.never_executable.values():
        program += [
            _instruction(JUMP_IF_EQUAL, number, if_false=4),
            _instruction(LOAD, THIRD_ARGUMENT),
            _instruction(JUMP_IF_ANY_BIT, PROT_EXEC, if_false=1),
            kill,
            allow,
        ]
    return b"".join([*program, kill])


def is_known_architecture() -> bool:
    return platform.machine() in ARCHITECTURES


class SeccompFilter:
    """The filter for this machine. The zygote builds it and each child installs it, after setting
    no_new_privs."""

    def __init__(self) -> None:
        self._instructions = _filter(ARCHITECTURES[platform.machine()])
        self._program = _Program(len(self._instructions) // 8, self._instructions)
        self._libc = ctypes.CDLL(None, use_errno=True)

    def install(self) -> None:
        """Confine the calling thread for good. Raises OSError when the kernel lacks seccomp."""
        if self._libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(self._program), 0, 0):
            raise OSError(ctypes.get_errno(), "seccomp")
