"""The sandbox: runs the JavaScript of collections in separate, confined processes.

`Zygote` boots Postman's script bundle once; each `SandboxSession` is a confined child forked from it.
"""

from .confinement import confinement
from .interface import (
    ConsoleLine,
    HostRefusal,
    SandboxFailed,
    SandboxLimits,
    ScriptError,
    ScriptHost,
    ScriptOptions,
    ScriptOutcome,
)
from .session import SandboxSession
from .zygote import Zygote

__all__ = [
    "ConsoleLine",
    "HostRefusal",
    "SandboxFailed",
    "SandboxLimits",
    "SandboxSession",
    "ScriptError",
    "ScriptHost",
    "ScriptOptions",
    "ScriptOutcome",
    "Zygote",
    "confinement",
]
