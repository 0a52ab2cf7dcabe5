"""The REST API's view sets of this app; config/api.py gives them their routes."""

from monitors.api.access import CertificateViewSet, VaultSecretViewSet
from monitors.api.collections import CollectionViewSet
from monitors.api.environments import EnvironmentViewSet
from monitors.api.maintenance import MaintenanceWindowViewSet
from monitors.api.monitors import MonitorViewSet
from monitors.api.runs import RunViewSet

__all__ = [
    "CertificateViewSet",
    "CollectionViewSet",
    "EnvironmentViewSet",
    "MaintenanceWindowViewSet",
    "MonitorViewSet",
    "RunViewSet",
    "VaultSecretViewSet",
]
