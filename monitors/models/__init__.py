from monitors.models.collections import Collection, CollectionVersion
from monitors.models.environments import Environment, EnvironmentVariable
from monitors.models.monitors import Monitor
from monitors.models.runs import RequestResult, Result, Run, RunConsole

__all__ = [
    "Collection",
    "CollectionVersion",
    "Environment",
    "EnvironmentVariable",
    "Monitor",
    "RequestResult",
    "Result",
    "Run",
    "RunConsole",
]
