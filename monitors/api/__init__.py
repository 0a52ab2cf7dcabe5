"""The REST API's view sets of this app; config/api.py gives them their routes."""

from monitors.api.collections import CollectionViewSet
from monitors.api.environments import EnvironmentViewSet
from monitors.api.monitors import MonitorViewSet
from monitors.api.runs import RunViewSet

__all__ = ["CollectionViewSet", "EnvironmentViewSet", "MonitorViewSet", "RunViewSet"]
