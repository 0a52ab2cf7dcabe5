"""What all requests and scripts of one run share."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import cached_property

from monitors.runner.bodies import Files
from monitors.runner.http import HttpClient
from monitors.runner.model import Collection, Item
from monitors.runner.options import RunOptions
from monitors.runner.recorder import MAX_CHARACTERS, Recorder
from monitors.runner.request import RequestDefaults
from monitors.runner.sandbox import Zygote

MAX_EXECUTIONS = 10_000
"""A loop of setNextRequest must not fill the memory within its five minutes."""


class RunEnded(Exception):
    """The run must not continue; the message says why."""


@dataclass(frozen=True)
class RunContext:
    """One run: what it executes, with what, and until when."""

    collection: Collection
    options: RunOptions
    client: HttpClient
    zygote: Zygote
    recorder: Recorder
    deadline: float
    """A moment of `time.monotonic()`, in seconds."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set by somebody who wants the run to end."""

    @cached_property
    def items(self) -> list[Item]:
        """Every request of the collection, in the order in which they run."""
        return list(self.collection.items)

    @cached_property
    def request_defaults(self) -> RequestDefaults:
        """What applies to a request of the collection that sets nothing else."""
        return RequestDefaults(
            self.options.follow_redirects, self.options.verify_tls, Files(self.options.files)
        )

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - time.monotonic()

    def check_limits(self) -> None:
        """Raise RunEnded when the run was canceled, or has used up its time, its requests or the size of its
        report."""
        if self.stop.is_set():
            raise RunEnded("The run was canceled.")
        if self.seconds_left <= 0:
            raise RunEnded(f"The run was ended after {self.options.timeout_ms / 1000:g} seconds.")
        if len(self.recorder.report.executions) >= MAX_EXECUTIONS:
            raise RunEnded(f"The run was ended after {MAX_EXECUTIONS} requests.")
        if self.recorder.is_full:
            raise RunEnded(
                f"The run was ended: its tests, errors and requests come to more than {MAX_CHARACTERS} "
                "characters."
            )
