"""Slots of a process that workspaces share fairly: no workspace keeps all others waiting."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

RESERVED_SHARE = 4
"""One slot in four is reserved for workspaces that use none."""

Key = UUID | None
"""The id of a workspace; None for what outlives its workspace."""


class FairSlots:
    """The slots in use in this process, counted by workspace."""

    def __init__(
        self, count: Callable[[], int], is_alone: Callable[[Key], bool], within: "FairSlots | None" = None
    ) -> None:
        """`count` says how many slots there are, `is_alone` whether no other workspace may need one.

        Each of these slots needs one of `within`, too.
        """
        self._count = count
        self._is_alone = is_alone
        self._within = within
        self._used: Counter[Key] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def slot(self, workspace_id: Key) -> Iterator[bool]:
        """A slot until the block ends. False when the workspace has its share and others may need more."""
        acquired = self._use_one(workspace_id) or (
            self._is_alone(workspace_id) and self._use_one(workspace_id, alone=True)
        )
        try:
            if acquired and self._within is not None:
                with self._within.slot(workspace_id) as acquired_within:
                    yield acquired_within
            else:
                yield acquired
        finally:
            if acquired:
                self._free_one(workspace_id)

    def _use_one(self, workspace_id: Key, *, alone: bool = False) -> bool:
        with self._lock:
            is_free = self._has_free_slot(workspace_id, alone=alone)
            if is_free:
                self._used[workspace_id] += 1
            return is_free

    def _has_free_slot(self, workspace_id: Key, *, alone: bool) -> bool:
        slots, used, own = self._count(), self._used.total(), self._used[workspace_id]
        if alone or own == 0:
            return used < slots
        reserved = max(1, slots // RESERVED_SHARE)
        return own < max(1, slots // 2) and used < slots - reserved

    def _free_one(self, workspace_id: Key) -> None:
        with self._lock:
            self._used[workspace_id] -= 1
            if not self._used[workspace_id]:
                del self._used[workspace_id]
