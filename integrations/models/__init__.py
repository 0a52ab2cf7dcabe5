from integrations.models.deliveries import Action, Delivery, DeliveryStatus
from integrations.models.incidents import ClosedBecause, Incident, IncidentKind
from integrations.models.installation import Installation
from integrations.models.integrations import Integration
from integrations.models.region_streaks import RegionStreak

__all__ = [
    "Action",
    "ClosedBecause",
    "Delivery",
    "Incident",
    "IncidentKind",
    "Installation",
    "Integration",
    "RegionStreak",
    "DeliveryStatus",
]
