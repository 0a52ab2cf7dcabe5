"""The runner's side of the sandbox: one zygote per worker process, one session per run."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from .interface import SandboxFailed, SandboxLimits, ScriptHost, ScriptOptions, ScriptOutcome

NODE_MODULES = Path(__file__).parents[3] / "node_modules"


class SandboxSession:
    """One run's scripts, one after another, in one process that keeps their globals."""

    def execute(
        self,
        listen: Literal["prerequest", "test"],
        source: str,
        context: dict[str, Any],
        options: ScriptOptions,
        host: ScriptHost,
    ) -> ScriptOutcome:
        """Run one script to its end. Raises SandboxFailed when the process was lost."""
        raise SandboxFailed("The script sandbox is not available.")

    def close(self) -> None:
        """End the process. May be called more than once."""

    def __enter__(self) -> SandboxSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Zygote:
    """Starts its process at the first `open` and again when it died. Safe to share between threads."""

    def __init__(self, limits: SandboxLimits = SandboxLimits(), node_modules: Path = NODE_MODULES) -> None:
        self.limits = limits
        self.node_modules = node_modules

    def open(self) -> SandboxSession:
        """A fresh sandbox for one run. Raises SandboxFailed when it cannot start."""
        return SandboxSession()

    def close(self) -> None:
        """End the process and every session that is still open."""

    def __enter__(self) -> Zygote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
