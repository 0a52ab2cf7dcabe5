"""Writes a run's report while it runs; the one place where secrets are masked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from monitors.runner.masking import MAX_TEXT, MIN_SECRET, SecretMask
from monitors.runner.model import Item
from monitors.runner.report import (
    Assertion,
    ConsoleEntry,
    Execution,
    RunReport,
    RunResult,
    ScriptFailure,
    SentRequest,
)

MAX_CONSOLE_LINES = 5_000
MAX_CONSOLE_CHARACTERS = 2_000_000
MAX_CHARACTERS = 10_000_000
"""That a run's tests, errors and requests may come to: all of it is held in memory until it is stored."""
MAX_NEW_SECRETS = 100
"""That turn up during a run: every text of the report is searched for each of them."""

SCRIPT_LEVELS = ("log", "info", "warn", "error", "debug")
"""Of the lines that scripts print: their arguments stand there between blanks."""

Progress = Callable[[Execution | ConsoleEntry], None]
Part = TypeVar("Part", Assertion, ScriptFailure, SentRequest)


class Recorder:
    def __init__(
        self, collection_name: str, secrets: Iterable[str], progress: Progress | None = None
    ) -> None:
        self.report = RunReport(collection_name)
        self._secrets = set(secrets)
        self._mask = SecretMask(self._secrets)
        self._new_secrets = 0
        self._progress = progress
        self._started = time.monotonic()
        self._lock = threading.Lock()  # several pm.sendRequest of a script may end at once
        self._characters = 0
        self._console_characters = 0
        self._console_is_full = False

    def console(self, level: str, text: str, item: Item | None = None) -> None:
        entry = ConsoleEntry(level, text, item.name if item else "", self._elapsed_ms())
        with self._lock:
            if self._console_is_full:
                return
            if level in SCRIPT_LEVELS:
                entry.text = self._mask.text(entry.text, of_words=True)
            self._mask.apply(entry)
            self._console_characters += len(entry.text)
            if (
                len(self.report.console) == MAX_CONSOLE_LINES
                or self._console_characters > MAX_CONSOLE_CHARACTERS
            ):
                self._console_is_full = True
                entry = ConsoleEntry("warn", "The console is full: later lines are not kept.")
            self.report.console.append(entry)
            self._tell(entry)

    def add_secrets(self, secrets: Iterable[str]) -> None:
        """Mask these too, such as a token that the run has fetched; also in what is written already."""
        found = {secret[:MAX_TEXT] for secret in secrets if len(secret) >= MIN_SECRET}
        with self._lock:
            new = set(islice(found - self._secrets, MAX_NEW_SECRETS - self._new_secrets))
            if new:
                self._secrets |= new
                self._new_secrets += len(new)
                self._mask.add(new)

    def masked(self, part: Part) -> Part:
        """Mask what an execution is about to take up: a script may end while its request is on the way, and
        what comes later must not bring a secret."""
        self._mask.apply(part)
        self._characters += len(repr(part))
        return part

    @property
    def is_full(self) -> bool:
        """Whether the run has come to more than may be held."""
        return self._characters > MAX_CHARACTERS

    def stage(self, text: str) -> None:
        self.console("stage", text)

    def execution(self, execution: Execution) -> None:
        """Take up what one request came to."""
        self._mask.apply(execution)
        self.report.executions.append(execution)
        self._tell(execution)

    def finish(self, aborted: str | None = None, error: str | None = None) -> RunReport:
        """Settle the result. `aborted` or `error` says what ended the run before its time."""
        report = self.report
        report.error = self._mask.text(aborted or error or "") or None
        report.result = RunResult.ABORT if aborted else RunResult.ERROR if error else _result(report.counted)
        report.duration_ms = self._elapsed_ms()
        if report.error:
            self.console("failed", report.error)
        self.stage(f"Result: {report.result}")
        if self._new_secrets:
            self._mask.apply(report)
        return report

    def _tell(self, entry: Execution | ConsoleEntry) -> None:
        if self._progress:
            self._progress(entry)

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._started) * 1000)


def _result(executions: Iterable[Execution]) -> RunResult:
    results = {execution.result for execution in executions}
    return next(
        (result for result in (RunResult.ERROR, RunResult.FAILURE) if result in results), RunResult.SUCCESSFUL
    )
