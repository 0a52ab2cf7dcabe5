"""CPU time and memory of processes and their descendants, from /proc."""

from __future__ import annotations

import os
from dataclasses import astuple, dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """CPU seconds of one process, and of those of its children that it has waited for."""

    user: float
    system: float
    children_user: float
    children_system: float
    children_faults: float
    """Minor page faults: memory pages that the children copied or mapped."""

    def __sub__(self, other: Usage) -> Usage:
        return Usage(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __truediv__(self, count: int) -> Usage:
        return Usage(*(value / count for value in astuple(self)))


def usage(pid: int) -> Usage:
    fields = _stat(pid)
    user, system, children_user, children_system = (int(field) / TICKS for field in fields[11:15])
    return Usage(user, system, children_user, children_system, children_faults=int(fields[8]))


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in _read(task).split()]


def tree(root: int) -> list[int]:
    """The process and its living descendants."""
    found = [root]
    for pid in found:
        found += children(pid)
    return found


def cpu_seconds(root: int | None = None) -> float:
    """CPU time of the whole tree. Ended children count once their parent has waited for them."""
    total = 0
    for pid in tree(root or os.getpid()):
        total += sum(map(int, _stat(pid)[11:15]))
    return total / TICKS


def private_bytes(root: int | None = None) -> int:
    """Memory of the whole tree that it does not share with other processes."""
    total = 0
    for pid in tree(root or os.getpid()):
        for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1]) * 1024
    return total


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on: the third of proc(5) is the first here."""
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""  # The process has just ended.
