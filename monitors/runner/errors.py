"""What can go wrong before a run starts.

    RunnerError
    ├── CollectionError     the file is not a collection that can be run
    └── VariablesError      the file is not an environment or a set of globals

What goes wrong during a run is part of its report: a request without an answer (`RequestFailed`), a script
that throws, a sandbox that was lost (`SandboxFailed`). Each message is one sentence for the person who gave
the file.
"""

from __future__ import annotations


class RunnerError(Exception):
    """Base of the errors that `monitors.runner` raises."""


class CollectionError(RunnerError):
    pass


class VariablesError(RunnerError):
    pass
