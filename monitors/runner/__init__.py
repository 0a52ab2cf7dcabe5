"""Runs Postman collections as Newman does, in plain Python.

collection = load_collection("api.postman_collection.json")
report = run_collection(collection, environment=load_variables("staging.postman_environment.json"))
report.result  # RunResult.SUCCESSFUL, FAILURE, ERROR or ABORT
"""

from monitors.runner.errors import CollectionError, RunnerError, VariablesError
from monitors.runner.loading import load_collection, load_variables
from monitors.runner.model import Collection
from monitors.runner.options import RunOptions
from monitors.runner.report import RunReport, RunResult
from monitors.runner.run import run_collection
from monitors.runner.variables import VariableScope

__all__ = [
    "Collection",
    "CollectionError",
    "RunOptions",
    "RunReport",
    "RunResult",
    "RunnerError",
    "VariableScope",
    "VariablesError",
    "load_collection",
    "load_variables",
    "run_collection",
]
