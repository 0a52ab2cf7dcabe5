"""From how many threads of the process deliveries are sent at once; workspaces share them fairly."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

from integrations.models import Integration
from workspaces.slots import FairSlots

# Fewer than the process has threads (Procfile): the rest go on scheduling while a provider is slow to answer.
SLOTS = 12
# What pages nobody gets half of them at most: a slow receiver or mail server holds up no page.
SLOTS_WITHOUT_PAGING = 6


def _is_alone(workspace_id: UUID | None) -> bool:
    return not Integration.objects.filter(paused_at=None).exclude(workspace=workspace_id).exists()


sending = FairSlots(lambda: SLOTS, _is_alone)
sending_without_paging = FairSlots(lambda: SLOTS_WITHOUT_PAGING, _is_alone)


@contextmanager
def take(workspace_id: UUID | None, *, pages: bool) -> Iterator[bool]:
    """Takes a slot to send from until the block ends. False when there is none for the workspace."""
    with ExitStack() as taken:
        pools = (sending,) if pages else (sending_without_paging, sending)
        yield all(taken.enter_context(pool.take(workspace_id)) for pool in pools)
