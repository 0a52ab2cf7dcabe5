from monitors.models.certificates import HostCertificate
from monitors.models.collections import Collection, CollectionVersion
from monitors.models.environments import Environment, EnvironmentVariable
from monitors.models.exchanges import Exchange
from monitors.models.gaps import Gap
from monitors.models.heartbeats import Heartbeat
from monitors.models.late_notices import LateNotice
from monitors.models.maintenance import MaintenanceWindow
from monitors.models.monitors import Monitor
from monitors.models.outages import Outage, OutageNote
from monitors.models.region_statuses import RegionStatus
from monitors.models.retention import Retention, RetentionTurn
from monitors.models.rollups import RequestName, RollUp
from monitors.models.run_details import RunDetail
from monitors.models.runs import Result, Run
from monitors.models.vault import VaultSecret

__all__ = [
    "Collection",
    "CollectionVersion",
    "Environment",
    "EnvironmentVariable",
    "Gap",
    "Heartbeat",
    "Exchange",
    "HostCertificate",
    "LateNotice",
    "MaintenanceWindow",
    "Monitor",
    "Outage",
    "OutageNote",
    "RegionStatus",
    "RequestName",
    "Result",
    "Retention",
    "RetentionTurn",
    "RollUp",
    "Run",
    "RunDetail",
    "VaultSecret",
]
