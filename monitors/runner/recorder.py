"""Writes a run's report while it runs. It masks the secrets in everything that the report holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from monitors.runner.captures import MAX_OF_RUN, Capture
from monitors.runner.masking import MAX_TEXT, MIN_SECRET, SecretMask
from monitors.runner.model import Item
from monitors.runner.options import Keep
from monitors.runner.report import (
    Assertion,
    ConsoleEntry,
    Execution,
    RunReport,
    RunResult,
    ScriptFailure,
    SentRequest,
    UnsentItem,
)

MAX_CONSOLE_LINES = 5_000
MAX_CONSOLE_CHARACTERS = 2_000_000
MAX_CHARACTERS = 10_000_000
"""Characters of all tests, errors and requests of a run, which stay in memory until the report is stored."""
MAX_NEW_SECRETS = 100
"""Secrets that are added during a run: every text of the report is searched for each of them."""

SCRIPT_LEVELS = ("log", "info", "warn", "error", "debug")
"""Levels of the lines that scripts print. In these lines, spaces separate the arguments."""

Progress = Callable[[Execution | ConsoleEntry], None]
Part = TypeVar("Part", Assertion, ScriptFailure, SentRequest)


class Recorder:
    """The report of one run in the making. Safe to use from several threads."""

    def __init__(
        self,
        collection_name: str,
        secrets: Iterable[str],
        progress: Progress | None = None,
        keep: Keep = Keep.NONE,
    ) -> None:
        self.report = RunReport(collection_name)
        self._secrets = set(secrets)
        self._mask = SecretMask(self._secrets)
        self._new_secrets = 0
        self._progress = progress
        self._started = time.monotonic()
        self._lock = threading.Lock()  # Several `pm.sendRequest` of a script may end at once.
        self._characters = 0
        self._console_characters = 0
        self._console_is_full = False
        self._keep = keep
        self._captures: dict[int, Capture] = {}
        self._room_for_exchanges = MAX_OF_RUN

    def console(self, level: str, text: str, item: Item | None = None) -> None:
        """Add a line to the run's console. `level` is as in ConsoleEntry."""
        with self._lock:
            entry = ConsoleEntry(level, text, at_ms=self.elapsed_ms())
            if item:
                # Executions are added when they end, so the one under way gets the next index.
                entry.item_name, entry.execution = item.name, len(self.report.executions)
            if self._console_is_full:
                return
            if level in SCRIPT_LEVELS:
                entry.text = self._mask.text(entry.text, spaces_delimit=True)
            self._mask.apply(entry)
            self._console_characters += len(entry.text)
            if (
                len(self.report.console) == MAX_CONSOLE_LINES
                or self._console_characters > MAX_CONSOLE_CHARACTERS
            ):
                self._console_is_full = True
                entry = ConsoleEntry("warn", "The console is full: later lines are not kept.")
            self.report.console.append(entry)
            self._report_progress(entry)

    def add_secrets(self, secrets: Iterable[str]) -> None:
        """Mask these from now on, for example tokens that the run fetched, and at the end in earlier texts
        too."""
        found = {secret[:MAX_TEXT] for secret in secrets if len(secret) >= MIN_SECRET}
        with self._lock:
            new = set(islice(found - self._secrets, MAX_NEW_SECRETS - self._new_secrets))
            if new:
                self._secrets |= new
                self._new_secrets += len(new)
                self._mask.add(new)

    def masked(self, part: Part) -> Part:
        """A part of an execution, masked in place. Mask each part before adding it: a response may arrive
        after its script has ended."""
        self._mask.apply(part)
        self._characters += len(repr(part))
        return part

    @property
    def is_full(self) -> bool:
        """Whether the parts recorded so far have more than MAX_CHARACTERS characters."""
        return self._characters > MAX_CHARACTERS

    def stage(self, text: str) -> None:
        """Add a line that says what the run does next."""
        self.console("stage", text)

    def execution(self, execution: Execution) -> None:
        """Add an execution that has ended."""
        self._mask.apply(execution)
        self._keep_capture(execution)
        with self._lock:
            self.report.executions.append(execution)
        self._report_progress(execution)

    def _keep_capture(self, execution: Execution) -> None:
        """Lets go of the exchanges that the run does not keep, since their bodies may be large."""
        own = execution.own
        capture = own.capture if own else None
        for sent in execution.sent:
            sent.capture = None
        # The exchange of a request that was repeated is of no use once another attempt has passed.
        failed = execution.result is not RunResult.SUCCESSFUL and not execution.retried
        if capture and (self._keep is Keep.ALL or (failed and self._keep is Keep.FAILED)):
            self._room_for_exchanges -= capture.cut(self._room_for_exchanges)
            self._captures[len(self.report.executions)] = capture

    def unsent(self, items: Iterable[UnsentItem]) -> None:
        """Add the requests that the run did not come to."""
        self.report.unsent = list(items)
        for item in self.report.unsent:
            self._mask.apply(item)

    def finish(self, aborted: str | None = None, error: str | None = None) -> RunReport:
        """Set the result and the duration. `aborted` or `error` says what ended the run early."""
        report = self.report
        report.error = self._mask.text(aborted or error or "") or None
        report.result = RunResult.ABORT if aborted else RunResult.ERROR if error else _result(report.counted)
        report.duration_ms = self.elapsed_ms()
        if report.error:
            self.console("failed", report.error)
        self.stage(f"Result: {report.result}")
        if self._new_secrets:
            self._mask.apply(report)
        is_good = report.result is RunResult.SUCCESSFUL
        report.exchanges = [
            capture.masked(index, self._mask)
            for index, capture in self._captures.items()
            if is_good or report.executions[index].result is not RunResult.SUCCESSFUL
        ]
        return report

    def _report_progress(self, entry: Execution | ConsoleEntry) -> None:
        if self._progress:
            self._progress(entry)

    def elapsed_ms(self) -> int:
        """Milliseconds since the start of the run."""
        return round((time.monotonic() - self._started) * 1000)


def _result(executions: Iterable[Execution]) -> RunResult:
    results = {execution.result for execution in executions}
    return next(
        (result for result in (RunResult.ERROR, RunResult.FAILURE) if result in results), RunResult.SUCCESSFUL
    )
