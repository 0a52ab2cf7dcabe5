"""The compact form in which the database keeps a `RunDocument`: a byte for the version, then compressed JSON.

The JSON consists of lists, whose members stand for the fields of dataclasses. Members at the end of a list
are left out when they have their default. The dictionary holds what many documents have in common, since most
are too short to be compressed by their own repetitions. Never change the dictionary, or the meaning of a
member: a change of either is a new version, and the older ones stay readable.
"""

import json
import zlib
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from monitors.request_results import (
    ConsoleLine,
    RequestResult,
    RunDocument,
    ScriptError,
    SentRequestResult,
    TestResult,
)
from monitors.runner.report import Phases

VERSION = 1
MAX_BYTES = 64 * 1024 * 1024
"""Of the JSON. A report has at most about 10 million characters."""
LEVELS = ("stage", "debug", "log", "info", "warn", "error", "failed")
LOG = LEVELS.index("log")
FAILED, SKIPPED = 1, 2
ROUNDING_MS = 2
REQUEST_DEFAULTS: list[Any] = ["", "", "", None, None, 0, [], [], 0, "", 1, True, True, "", "", "", [], []]
SCRIPT_REQUEST_DEFAULTS: list[Any] = ["", "", "", None, None, 0, [], 0, "", "", "", None]
DICTIONARY = (
    b'["TypeError","Cannot read properties of undefined (reading \'"]["ReferenceError"," is not defined"]'
    b'["AssertionError"," expected response to have status code 200 but got 500"," expected 200 to equal "'
    b'"ECONNREFUSED","connect ECONNREFUSED ","ETIMEDOUT","ESOCKETTIMEDOUT","ECONNRESET","ENOTFOUND",'
    b'"getaddrinfo ENOTFOUND ","Response body is correct","Schema is valid","Body matches string",'
    b'"has a name","has an id","returns JSON","is JSON","is an array","is not empty","has items",'
    b'"Content-Type is present","Content-Type header is application/json","Response has the required fields",'
    b'"Successful POST request","Response time is less than 1000ms","Response time is acceptable",'
    b'"Response time is less than 500ms","Response time is less than 200ms","Status code is 404",'
    b'"Status code is 204","Status code is 201","Status is 201","Status is 200","Status code is 200",'
    b'"Status test","The response is JSON","answers in time","?page=1&limit=10","/auth/login","/api/v2/",'
    b'"/api/v1/","/orders","/users","/products","/health","http://localhost:8","https://www.","https://api.",'
    b'".example.com/","Log in","Get token","Health check","Create ","Update ","Delete ","List ","Get ",'
    b'"PATCH","DELETE","PUT","HEAD",null,401,404,500,503,204,302,201,["POST","https://",["GET","https://api.",'
    b'200,[0,1,0,0,[0,1,2,0,3,0,4,0],["Status code is 200","Response time is less than 500ms"]],["'
    b'[[0,0,"Preparing run"],[0,0,"Running "],[1,0,"Result: failure"],[1,0,"Result: error"],'
    b'[1,0,"Result: abort"],[[["Get ","GET","https://api.example.com/",200,'
    b'"]],[[0,0,"Preparing run"],[1,0,"Running API"],[2,0,"Result: successful"]]]'
)


class UnreadableDocument(ValueError):
    """The bytes are no document of a known version, or it is too large."""


def encode(document: RunDocument) -> bytes:
    """The bytes that are stored."""
    text = _json(document)
    if len(text) > MAX_BYTES:
        text = _json(_without_tests(document))
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=DICTIONARY)
    return bytes([VERSION]) + compressor.compress(text) + compressor.flush()


def _json(document: RunDocument) -> bytes:
    values = [
        [_request_values(request) for request in document.requests],
        [_line_values(line) for line in document.console],
    ]
    return as_json(values)


def as_json(value: object) -> bytes:
    """A value as it stands in the JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _without_tests(document: RunDocument) -> RunDocument:
    """What is left of a document that nobody could read."""
    shortened = [
        replace(request, assertions=[], script_errors=request.script_errors[:1], script_requests=[])
        for request in document.requests
    ]
    return RunDocument(shortened)


def decode(stored: bytes) -> RunDocument:
    """Reads what `encode` made. Raises UnreadableDocument."""
    return parse(decompress(stored, MAX_BYTES))


def decompress(stored: bytes, max_bytes: int) -> bytes:
    """The JSON of what `encode` made. Raises UnreadableDocument, also when it is longer than `max_bytes`."""
    if not stored or stored[0] != VERSION:
        raise UnreadableDocument("This is no version of a run's detail that Postwatch knows.")
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARY)
    try:
        text = decompressor.decompress(stored[1:], max_bytes)
    except zlib.error as problem:
        raise UnreadableDocument(str(problem))
    if not decompressor.eof:
        raise UnreadableDocument(f"The detail of this run is cut off, or longer than {max_bytes} bytes.")
    return text


def parse(text: bytes) -> RunDocument:
    """Reads the JSON."""
    requests, console = json.loads(text)
    return RunDocument(
        [_request(position, values) for position, values in enumerate(requests)], list(map(_line, console))
    )


def _trimmed(values: list[Any], defaults: list[Any]) -> list[Any]:
    """Without the members at the end that have their default."""
    count = len(values)
    while (
        count
        and values[count - 1] == defaults[count - 1]
        and type(values[count - 1]) is type(defaults[count - 1])
    ):
        count -= 1
    return values[:count]


def _sent_values(sent: SentRequestResult) -> list[Any]:
    return [sent.name, sent.method, sent.url, sent.status_code, sent.response_time_ms, sent.start_ms]


def _request_values(request: RequestResult) -> list[Any]:
    values = [
        *_sent_values(request),
        _phases_values(request.phases),
        [_test_value(test) for test in request.assertions],
        request.response_size or 0,
        request.folder,
        request.attempt,
        request.counts,
        request.is_sent,
        _rare_text(request),
        request.error_code,
        request.error_message,
        [[error.listen, error.name, error.message, error.line] for error in request.script_errors],
        [_script_request_values(sent) for sent in request.script_requests],
    ]
    extra = _elapsed_beyond_response(request)
    return [*values, extra] if extra else _trimmed(values, REQUEST_DEFAULTS)


def _request(position: int, given: list[Any]) -> RequestResult:
    values = [*given, *REQUEST_DEFAULTS[len(given) :], 0]
    return RequestResult(
        **_sent_fields(values[:6], values[6], values[8], values[13], values[18]),
        position=position,
        folder=values[9],
        attempt=values[10],
        counts=values[11],
        is_sent=values[12],
        error_code=values[14],
        error_message=values[15],
        assertions=list(map(_test, values[7])),
        script_errors=[ScriptError(*error) for error in values[16]],
        script_requests=list(map(_script_request, values[17])),
    )


def _script_request_values(sent: SentRequestResult) -> list[Any]:
    values = [
        *_sent_values(sent),
        _phases_values(sent.phases),
        sent.response_size or 0,
        _rare_text(sent),
        sent.error_code,
        sent.error_message,
        _elapsed_beyond_response(sent) or None,
    ]
    return _trimmed(values, SCRIPT_REQUEST_DEFAULTS)


def _script_request(given: list[Any]) -> SentRequestResult:
    values = [*given, *SCRIPT_REQUEST_DEFAULTS[len(given) :]]
    return SentRequestResult(
        **_sent_fields(values[:6], values[6], values[7], values[8], values[11] or 0),
        error_code=values[9],
        error_message=values[10],
    )


def _sent_fields(
    values: list[Any], phases: list[int], size: int, status_text: str, extra_ms: int
) -> dict[str, Any]:
    name, method, url, status_code, response_time_ms, start_ms = values
    return {
        "name": name,
        "method": method,
        "url": url,
        "status_code": status_code,
        "status_text": status_text or _usual_text(status_code),
        "response_time_ms": response_time_ms,
        "response_size": size if status_code is not None else None,
        "start_ms": start_ms,
        "elapsed_ms": (response_time_ms or 0) + extra_ms,
        "phases": _phases(phases),
    }


def _elapsed_beyond_response(sent: SentRequestResult) -> int:
    """What challenges and redirects took; 0 for less than the two times are rounded by."""
    extra = sent.elapsed_ms - (sent.response_time_ms or 0)
    return extra if extra > ROUNDING_MS else 0


def _rare_text(sent: SentRequestResult) -> str:
    """The status text where it is not the usual one of its code."""
    return "" if sent.status_text == _usual_text(sent.status_code) else sent.status_text


def _usual_text(status_code: int | None) -> str:
    return _USUAL_TEXTS.get(status_code or 0, "")


_USUAL_TEXTS = {status.value: status.phrase for status in HTTPStatus}


def _phases_values(phases: Phases | None) -> list[int | None]:
    """Empty for none; three for a request on an open connection; six with the phases of opening it."""
    if phases is None:
        return []
    later: list[int | None] = [phases.send, phases.wait, phases.download]
    opening = [phases.dns, phases.connect, phases.tls]
    return later if opening == [None, None, None] else [*later, *opening]


def _phases(values: list[Any]) -> Phases | None:
    if not values:
        return None
    send, wait, download, *opening = values
    dns, connect, tls = opening or (None, None, None)
    return Phases(dns, connect, tls, send, wait, download)


def _test_value(test: TestResult) -> str | list[Any]:
    """The name alone for a test that passed."""
    if test.skipped:
        return [test.name, SKIPPED, test.passed]
    return test.name if test.passed else [test.name, FAILED, test.error]


def _test(value: str | list[Any]) -> TestResult:
    if isinstance(value, str):
        return TestResult(value)
    name, state, more = value
    return TestResult(name, more, skipped=True) if state == SKIPPED else TestResult(name, False, error=more)


def _line_values(line: ConsoleLine) -> list[Any]:
    values = [line.at_ms, LEVELS.index(line.level) if line.level in LEVELS else LOG, line.text]
    return values if line.position is None else [*values, line.position]


def _line(values: list[Any]) -> ConsoleLine:
    at_ms, level, text, *position = values
    return ConsoleLine(at_ms, LEVELS[level], text, *position)
