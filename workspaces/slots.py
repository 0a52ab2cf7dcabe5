"""Slots of a process that workspaces share fairly: no workspace keeps all others waiting."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

RESERVED_SHARE = 4
"""One slot in four is kept for workspaces that have none in use."""

Key = UUID | None
"""The id of a workspace; None for what outlives its workspace."""


class FairSlots:
    """The slots in use in this process, counted by workspace."""

    def __init__(self, count: Callable[[], int], is_alone: Callable[[Key], bool]) -> None:
        """`count` says how many slots there are, `is_alone` whether no other workspace may need one."""
        self._count = count
        self._is_alone = is_alone
        self._taken: Counter[Key] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, workspace_id: Key) -> Iterator[bool]:
        """False when the workspace has its share of the slots and others may need the rest. The slot is
        free again when the block ends."""
        acquired = self._claim(workspace_id) or (
            self._is_alone(workspace_id) and self._claim(workspace_id, alone=True)
        )
        try:
            yield acquired
        finally:
            if acquired:
                self._release(workspace_id)

    def _claim(self, workspace_id: Key, *, alone: bool = False) -> bool:
        with self._lock:
            acquired = self._has_room(workspace_id, alone=alone)
            if acquired:
                self._taken[workspace_id] += 1
            return acquired

    def _has_room(self, workspace_id: Key, *, alone: bool) -> bool:
        slots, taken, own = self._count(), self._taken.total(), self._taken[workspace_id]
        if alone or own == 0:
            return taken < slots
        reserved = max(1, slots // RESERVED_SHARE)
        return own < max(1, slots // 2) and taken < slots - reserved

    def _release(self, workspace_id: Key) -> None:
        with self._lock:
            self._taken[workspace_id] -= 1
            if not self._taken[workspace_id]:
                del self._taken[workspace_id]
