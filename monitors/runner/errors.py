"""The errors that are raised before a run starts.

    RunnerError
    ├── CollectionError     the file is not a collection that can be run
    └── VariablesError      the file is not an environment or a set of globals

Errors during a run are part of its report: a request without a response (`RequestFailed`), a script that
throws, a sandbox that was lost (`SandboxFailed`). Each message is one sentence for the person who gave the
file.
"""

from __future__ import annotations


class RunnerError(Exception):
    """Base of the errors that `monitors.runner` raises."""


class CollectionError(RunnerError):
    """The JSON is not a collection that can be run."""


class VariablesError(RunnerError):
    """The JSON is not an environment or a set of globals."""
