"""What this process and everything below it use, from /proc."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The process and its descendants that live."""
    found = [root]
    for pid in found:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, _read(task).split())
    return found


def cpu_seconds(root: int | None = None) -> float:
    """Of the whole tree. Children that ended count once their parent has waited for them."""
    total = 0
    for pid in tree(root or os.getpid()):
        fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def private_bytes(root: int | None = None) -> int:
    """Memory that the tree would give back if it ended: what it shares with others is not counted."""
    total = 0
    for pid in tree(root or os.getpid()):
        for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1]) * 1024
    return total


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""  # it ended meanwhile
