"""Prints reports on the command line, for people or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from io import TextIOBase

from monitors.runner.report import Assertion, ConsoleEntry, Execution, RunReport, RunResult, SentRequest
from monitors.runner.shapes import JsonObject

SCRIPT_COLORS = {"log": "grey", "info": "grey", "debug": "grey", "warn": "yellow", "error": "red"}
COLORS = {"green": "32", "red": "31", "yellow": "33", "grey": "90", "bold": "1"}


def report_json(report: RunReport) -> JsonObject:
    """The report as JSON.

    As in Newman's report, `executions` holds an entry for every request that an item caused, including its
    scripts' requests and answers to challenges. Each entry has all the item's tests and the outcome of its
    last request. `error` is null for errors without a code, such as a missing URL, where Newman's is empty;
    `problem` then says what is wrong.
    """
    executions = [
        _execution_json(execution)
        for execution in report.executions
        for sent in execution.sent
        for _ in range(sent.attempts)
    ]
    return {
        "result": report.result.value,
        "collection": {"name": report.collection_name},
        "error": {"message": report.error} if report.error else None,
        "duration_ms": report.duration_ms,
        "totals": vars(report.totals),
        "executions": executions,
        "console": [vars(entry) for entry in report.console],
    }


def _execution_json(execution: Execution) -> JsonObject:
    last = execution.sent[-1]
    errors = [sent.error for sent in execution.sent if sent.error]
    return {
        "item": {
            "id": execution.item_id,
            "name": execution.item_name,
            "path": list(execution.folders),
        },
        "attempt": execution.attempt,
        "request": vars(last.request),
        "response": asdict(last.response) if last.response else None,
        "error": vars(errors[-1]) if errors and errors[-1].code else None,
        "problem": errors[-1].explanation if errors else None,
        "script_errors": [vars(error) for error in execution.script_errors if not error.late],
        "late_script_errors": [vars(error) for error in execution.script_errors if error.late],
        "assertions": [_assertion_json(assertion) for assertion in execution.assertions],
    }


def _assertion_json(assertion: Assertion) -> JsonObject:
    error = {"message": assertion.error} if assertion.error is not None else None
    return {**vars(assertion), "error": error}


class Printer:
    """Prints a run for people: each request as it ends, and a table of totals."""

    def __init__(self, out: TextIOBase, color: bool) -> None:
        self.out = out
        self.color = color
        self._folders: tuple[str, ...] = ()
        self._pending: list[ConsoleEntry] = []

    def paint(self, text: str, color: str) -> str:
        return f"\x1b[{COLORS[color]}m{text}\x1b[0m" if self.color else text

    def line(self, text: str = "") -> None:
        # A script may print a lone surrogate, which cannot be encoded.
        self.out.write(text.encode("utf-8", "replace").decode() + "\n")

    def title(self, name: str) -> None:
        self.line(f"\n{self.paint(name, 'bold')}\n")

    def progress(self, entry: Execution | ConsoleEntry) -> None:
        """Print an execution, and below it the lines that its scripts have printed before it ended."""
        if isinstance(entry, Execution):
            self._execution(entry)
        elif entry.level in SCRIPT_COLORS:
            self._pending.append(entry)

    def _execution(self, execution: Execution) -> None:
        if execution.folders != self._folders and execution.folders:
            self.line(self.paint(f"❏ {' / '.join(execution.folders)}", "bold"))
        self._folders = execution.folders
        attempt = f" (attempt {execution.attempt})" if execution.attempt > 1 else ""
        self.line(f"↳ {execution.item_name}{attempt}")
        if execution.skipped:
            self.line(self.paint("  skipped", "grey"))
        for sent in execution.sent:
            self._sent(sent)
        for entry in self._pending:
            self.line(self.paint(f"  │ {entry.text}".replace("\n", "\n  │ "), SCRIPT_COLORS[entry.level]))
        self._pending.clear()
        for assertion in execution.assertions:
            self._assertion(assertion)
        for error in execution.script_errors:
            where = f" in the {error.listen} script" + (f", line {error.line}" if error.line else "")
            self.line(self.paint(f"  ✗ {error.name}: {error.message}{where}", "red"))
        self.line()

    def _sent(self, sent: SentRequest) -> None:
        mark = "└ " if sent.from_script else ""
        if sent.error:
            outcome = self.paint(f"[{sent.error.code or 'no response'}] {sent.error.explanation}", "red")
        elif response := sent.response:
            summary = (
                f"{response.code} {response.reason}, {_size(response.size_bytes)}, {response.time_ms} ms"
            )
            outcome = self.paint(f"[{summary}]", "grey")
        else:
            outcome = ""
        self.line(f"  {mark}{sent.request.method or 'GET'} {sent.request.url} {outcome}")

    def _assertion(self, assertion: Assertion) -> None:
        if assertion.skipped:
            self.line(self.paint(f"  - {assertion.name}", "yellow"))
        elif assertion.passed:
            self.line(f"  {self.paint('✓', 'green')} {self.paint(assertion.name, 'grey')}")
        else:
            self.line(self.paint(f"  ✗ {assertion.name}", "red"))
            self.line(self.paint(f"      {assertion.error}", "grey"))

    def summary(self, report: RunReport) -> None:
        totals = report.totals
        rows = [
            ("", "executed", "failed"),
            ("requests", str(totals.requests), str(totals.failed_requests)),
            ("tests", str(totals.assertions), str(totals.failed_assertions)),
            ("script errors", "", str(totals.script_errors)),
        ]
        self._table(rows)
        times = f"{report.duration_ms} ms in all, {totals.average_response_ms} ms a response on average"
        self.line(f"{times}, {_size(totals.response_bytes)} received")
        if report.error:
            self.line(self.paint(report.error, "red"))
        good = report.result is RunResult.SUCCESSFUL
        self.line(f"Result: {self.paint(report.result.value, 'green' if good else 'red')}")

    def _table(self, rows: list[tuple[str, str, str]]) -> None:
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        rule = ["─" * (width + 2) for width in widths]
        self.line(f"┌{'┬'.join(rule)}┐")
        for number, row in enumerate(rows):
            cells = (f" {cell.rjust(width)} " for cell, width in zip(row, widths, strict=True))
            self.line(f"│{'│'.join(cells)}│")
            if number == 0:
                self.line(f"├{'┼'.join(rule)}┤")
        self.line(f"└{'┴'.join(rule)}┘")


def _size(count: int) -> str:
    return f"{count} B" if count < 1024 else f"{count / 1024:.1f} kB"
