"""The REST API's view sets of this app; config/api.py gives them their routes."""

from monitors.api.certificates import CertificateViewSet
from monitors.api.collections import CollectionViewSet
from monitors.api.environments import EnvironmentViewSet
from monitors.api.maintenance import MaintenanceWindowViewSet
from monitors.api.monitors import MonitorViewSet
from monitors.api.runs import RunViewSet
from monitors.api.vault import VaultSecretViewSet

__all__ = [
    "CertificateViewSet",
    "CollectionViewSet",
    "EnvironmentViewSet",
    "MaintenanceWindowViewSet",
    "MonitorViewSet",
    "RunViewSet",
    "VaultSecretViewSet",
]
