"""Shows a run while it is executed: what is known of it so far is written at most once a second."""

import threading
import time
from contextlib import suppress

from django.db import DatabaseError

from monitors.models import Run, RunDetail
from monitors.report_documents import progress_of
from monitors.runner.report import ConsoleEntry, Execution

INTERVAL_SECONDS = 1.0
"""Most runs take less, and then nothing is written."""
SHARE = 20
"""To write takes at most this part of the run's time."""


class Progress:
    """Is called by the runner with each execution that has ended."""

    def __init__(self, run: Run, stop: threading.Event) -> None:
        self._run = run
        self._stop = stop
        self._executions: list[Execution] = []
        self._next_at = time.monotonic() + INTERVAL_SECONDS

    def __call__(self, entry: Execution | ConsoleEntry) -> None:
        # Lines of the console come from several threads, executions only from that of the run.
        if not isinstance(entry, Execution):
            return
        self._executions.append(entry)
        started = time.monotonic()
        if started < self._next_at:
            return
        # Nobody sees the run while the database is away. That is no reason to end it.
        with suppress(DatabaseError):
            self._write()
        ended = time.monotonic()
        # A long document takes long to write, which must not delay the run much.
        self._next_at = ended + max(INTERVAL_SECONDS, SHARE * (ended - started))

    def _write(self) -> None:
        if Run.objects.leased().filter(pk=self._run.pk, lease=self._run.lease).exists():
            RunDetail.of(self._run, progress_of(self._executions)).store()
        else:
            self._stop.set()
