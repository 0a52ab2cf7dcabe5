"""Keeps one workspace's slow runs from filling a worker while others have monitors too."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from monitors.models import Monitor


class Places:
    """The runs under way in this process, counted by workspace."""

    def __init__(self) -> None:
        self._taken: Counter[UUID] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, workspace_id: UUID) -> Iterator[bool]:
        """False when the workspace has its half of the places and another may need the rest. The place
        is free again when the block ends."""
        half = max(1, settings.WORKER_CONCURRENCY // 2)
        with self._lock:
            self._taken[workspace_id] += 1
            has_room = self._taken[workspace_id] <= half
        try:
            yield has_room or _is_alone(workspace_id)
        finally:
            with self._lock:
                self._taken[workspace_id] -= 1


def _is_alone(workspace_id: UUID) -> bool:
    return not Monitor.objects.filter(paused_at=None).exclude(workspace=workspace_id).exists()


places = Places()
