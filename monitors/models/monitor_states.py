"""The state of a monitor: what its pages, lists and the API show of it."""

import uuid
from collections.abc import Set as AbstractSet

from django.db import models
from django.db.models import Q

from workspaces.id_lists import with_pk_in


class MonitorState(models.TextChoices):
    """Each monitor is in exactly one of these."""

    FAILING = "failing", "Failing"
    LATE = "late", "Late"
    UP = "up", "Up"
    PAUSED = "paused", "Paused"
    WAITING = "waiting", "No result yet"


IN_STATE = {
    MonitorState.FAILING: Q(paused_at=None, failing_since__isnull=False),
    MonitorState.UP: Q(paused_at=None, failing_since=None) & ~Q(latest_results={}),
    MonitorState.PAUSED: Q(paused_at__isnull=False),
    MonitorState.WAITING: Q(paused_at=None, failing_since=None, latest_results={}),
}
"""The condition of each state for monitors that are not late."""


def is_in_state(state: MonitorState, late: AbstractSet[uuid.UUID]) -> Q:
    """The condition of a state. `late` holds the ids of the late monitors (`monitors.lateness`)."""
    if state == MonitorState.LATE:
        return with_pk_in(late)
    return IN_STATE[state] & ~with_pk_in(late) if late else IN_STATE[state]
