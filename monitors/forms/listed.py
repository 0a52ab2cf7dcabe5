"""The monitors that a form lists. Of ten thousand it lists the first: all of them would take seconds."""

import uuid
from collections.abc import Iterable

from monitors.models import Monitor
from workspaces.models import Workspace

MAX_LISTED = 300
HINT = (
    f"Of {MAX_LISTED} monitors or more, the first are listed. To choose another one, begin on the page of "
    "that monitor."
)


def listed_monitors(workspace: Workspace, chosen: Iterable[object]) -> list[tuple[str, str]]:
    """Ids and names: the chosen monitors that would not be among the first, then the first by name."""
    monitors = Monitor.objects.for_workspace(workspace).values_list("pk", "name")
    first = list(monitors.order_by("name")[:MAX_LISTED])
    missing = set(filter(None, map(key_of, chosen))) - {pk for pk, _ in first}
    others = list(monitors.filter(pk__in=list(missing)[:MAX_LISTED])) if missing else []
    return [(str(pk), name) for pk, name in [*others, *first]]


def key_of(value: object) -> uuid.UUID | None:
    """The id of a monitor that is given as such, or as text; None for anything else."""
    value = getattr(value, "pk", value)
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError:
        return None
