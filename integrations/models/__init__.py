from integrations.models.deliveries import Action, Delivery, State
from integrations.models.incidents import ClosedBecause, Incident
from integrations.models.installation import Installation
from integrations.models.integrations import Integration
from integrations.models.region_states import RegionState

__all__ = [
    "Action",
    "ClosedBecause",
    "Delivery",
    "Incident",
    "Installation",
    "Integration",
    "RegionState",
    "State",
]
