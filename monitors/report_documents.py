"""Makes the stored document of a run from the runner's report."""

from bisect import bisect_right
from operator import attrgetter

from monitors.request_results import (
    ConsoleLine,
    RequestResult,
    RunDocument,
    ScriptError,
    SentRequestResult,
    TestResult,
)
from monitors.runner.report import ConsoleEntry, Execution, RunReport, SentRequest, UnsentItem
from workspaces.json_values import strip_unstorable

CONSOLE_LINES = 2000
"""How many lines of its console a run keeps: a script that prints in a loop must not fill the database."""


def document_of(report: RunReport) -> RunDocument:
    """What is stored of a report. Requests that were not sent stand where the collection has them."""
    positions = positions_of(report)
    sent = [
        request_result(execution, position)
        for execution, position in zip(report.executions, positions, strict=True)
    ]
    unsent = [unsent_request(item, item.index + place) for place, item in enumerate(report.unsent)]
    requests = sorted([*sent, *unsent], key=attrgetter("position"))
    return RunDocument(requests, console_lines(report.console, positions))


def positions_of(report: RunReport) -> list[int]:
    """Where each execution of the report stands among all requests, those included that were not sent."""
    indexes = [item.index for item in report.unsent]
    return [index + bisect_right(indexes, index) for index in range(len(report.executions))]


def progress_of(executions: list[Execution]) -> RunDocument:
    """What is shown of a run in progress: no text in which a secret could be that the run finds out later."""
    return RunDocument(
        [
            RequestResult(
                position=position,
                name=storable(execution.item_name, 255),
                folder=storable(" / ".join(execution.folders), 500),
                method=execution.request.method[:50] if execution.request else "",
                status_code=execution.response.code if execution.response else None,
                response_time_ms=execution.response.time_ms if execution.response else None,
                start_ms=execution.own.started_ms if execution.own else 0,
                elapsed_ms=execution.own.elapsed_ms if execution.own else 0,
                error_code=execution.error.code if execution.error else "",
                error_message="No response." if execution.error else "",
                attempt=execution.attempt,
                counts=not execution.retried,
                is_sent=execution.own is not None,
                assertions=[TestResult("", test.passed, test.skipped) for test in execution.assertions],
                script_errors=[ScriptError(error.listen, "", "") for error in execution.script_errors],
            )
            for position, execution in enumerate(executions)
        ]
    )


def request_result(execution: Execution, position: int) -> RequestResult:
    """The result of one executed request."""
    own = execution.own
    result = RequestResult(
        position=position,
        folder=storable(" / ".join(execution.folders), 500),
        attempt=execution.attempt,
        counts=not execution.retried,
        is_sent=own is not None,
        script_errors=[
            ScriptError(error.listen, storable(error.name), storable(error.message), error.line)
            for error in execution.script_errors
        ],
        assertions=[
            TestResult(storable(test.name), test.passed, test.skipped, storable(test.error or ""))
            for test in execution.assertions
        ],
        script_requests=[_script_request(sent) for sent in execution.sent if sent is not own],
    )
    if own:
        _fill(result, own)
    if execution.error:
        # That of a request which a script ran by `pm.execution.runRequest` is one of the item, too.
        result.error_code, result.error_message = execution.error.code, storable(execution.error.message)
    result.name = storable(execution.item_name, 255)
    return result


def unsent_request(item: UnsentItem, position: int) -> RequestResult:
    """A request that the run did not come to."""
    return RequestResult(
        position=position,
        name=storable(item.item_name, 255),
        folder=storable(" / ".join(item.folders), 500),
        method=storable(item.method, 50),
        counts=False,
        is_sent=False,
    )


def console_lines(entries: list[ConsoleEntry], positions: list[int]) -> list[ConsoleLine]:
    """The first lines of the console, and how many were left out. `positions` are those of the executions."""
    lines = [
        ConsoleLine(
            entry.at_ms,
            entry.level,
            storable(entry.text),
            _position_of(entry, positions),
        )
        for entry in entries[:CONSOLE_LINES]
    ]
    if len(entries) > CONSOLE_LINES:
        left_out = f"{len(entries) - CONSOLE_LINES} more lines were left out."
        lines.append(ConsoleLine(lines[-1].at_ms, "stage", left_out))
    return lines


def _position_of(entry: ConsoleEntry, positions: list[int]) -> int | None:
    # What a script requested may end after the last execution has.
    if entry.execution is None or entry.execution >= len(positions):
        return None
    return positions[entry.execution]


def _script_request(sent: SentRequest) -> SentRequestResult:
    result = SentRequestResult(name=storable(sent.item_name or "", 255))
    _fill(result, sent)
    return result


def _fill(result: SentRequestResult, sent: SentRequest) -> None:
    result.method = storable(sent.request.method or "GET", 50)
    result.url = storable(sent.request.url)
    result.start_ms, result.elapsed_ms = sent.started_ms, sent.elapsed_ms
    if response := sent.response:
        result.status_code, result.status_text = response.code, storable(response.reason, 100)
        result.response_time_ms, result.response_size = response.time_ms, response.size_bytes
        result.phases = response.phases
    if error := sent.error:
        result.error_code, result.error_message = error.code, storable(error.message)


def storable(text: str, limit: int | None = None) -> str:
    """The text as a database can hold it: a script may print halves of surrogate pairs."""
    return text[:limit] if text.isascii() and "\0" not in text else strip_unstorable(text[:limit])
