"""How many deliveries a process sends at the same time. Workspaces share these slots fairly."""

from uuid import UUID

from integrations.models import Integration
from workspaces.slots import FairSlots

# Fewer than the process has threads (Procfile): the others keep scheduling while a provider responds slowly.
SLOTS = 12
# Deliveries that page nobody get at most half of them, so that a slow receiver or mail server delays no page.
SLOTS_WITHOUT_PAGING = 6


def _is_alone(workspace_id: UUID | None) -> bool:
    return not Integration.objects.filter(paused_at=None).exclude(workspace=workspace_id).exists()


paging = FairSlots(lambda: SLOTS, _is_alone)
not_paging = FairSlots(lambda: SLOTS_WITHOUT_PAGING, _is_alone, within=paging)
