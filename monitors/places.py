"""Keeps slow runs of some workspaces from filling a worker while others have monitors too."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from monitors.models import Monitor

RESERVED_SHARE = 4
"""One slot in four is kept for workspaces that have no run under way."""


class Places:
    """The runs under way in this process, counted by workspace."""

    def __init__(self) -> None:
        self._taken: Counter[UUID] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, workspace_id: UUID) -> Iterator[bool]:
        """False when the workspace has its share of the slots and others may need the rest. The slot is
        free again when the block ends."""
        has_room = self._claim(workspace_id) or (
            _is_alone(workspace_id) and self._claim(workspace_id, alone=True)
        )
        try:
            yield has_room
        finally:
            if has_room:
                self._release(workspace_id)

    def _claim(self, workspace_id: UUID, *, alone: bool = False) -> bool:
        with self._lock:
            has_room = alone or self._has_room(workspace_id)
            if has_room:
                self._taken[workspace_id] += 1
            return has_room

    def _has_room(self, workspace_id: UUID) -> bool:
        own = self._taken[workspace_id]
        if own == 0:
            return True
        slots = settings.WORKER_CONCURRENCY
        reserved = max(1, slots // RESERVED_SHARE)
        return own < max(1, slots // 2) and self._taken.total() < slots - reserved

    def _release(self, workspace_id: UUID) -> None:
        with self._lock:
            self._taken[workspace_id] -= 1
            if not self._taken[workspace_id]:
                del self._taken[workspace_id]


def _is_alone(workspace_id: UUID) -> bool:
    return not Monitor.objects.filter(paused_at=None).exclude(workspace=workspace_id).exists()


places = Places()
