"""What a run found out is read back as it was stored."""

import zlib

import pytest

from monitors import run_documents
from monitors.request_results import (
    ConsoleLine,
    RequestResult,
    RunDocument,
    ScriptError,
    SentRequestResult,
    TestResult,
)
from monitors.run_documents import DICTIONARY, UnreadableDocument, decode, encode
from monitors.runner.report import Phases

PLAIN = RequestResult(
    name="List orders",
    method="GET",
    url="https://api.example/orders",
    status_code=200,
    status_text="OK",
    response_time_ms=120,
    response_size=512,
    elapsed_ms=120,
    assertions=[TestResult("Status is 200")],
)
FULL = RequestResult(
    position=1,
    name="Order — 注文",
    folder="Orders / New",
    method="POST",
    url="https://api.example/orders",
    status_code=500,
    status_text="Out of order",
    response_time_ms=312,
    response_size=0,
    start_ms=130,
    elapsed_ms=900,
    phases=Phases(1, 4, None, 0, 292, 7),
    error_code="ECONNRESET",
    error_message="aborted",
    attempt=2,
    counts=False,
    assertions=[
        TestResult("creates", False, error="expected 201 but got 500"),
        TestResult("later", True, skipped=True),
        TestResult("never", False, skipped=True),
    ],
    script_errors=[ScriptError("test", "TypeError", "x is undefined", 7)],
    script_requests=[
        SentRequestResult("Log in", "POST", "https://api.example/login", 200, "OK", 40, 2, 5, 90),
        SentRequestResult("", "GET", "http://127.0.0.1:1/", error_code="ECONNREFUSED", error_message="no"),
        SentRequestResult(
            "",
            "GET",
            "https://api.example/",
            204,
            "No Content",
            9,
            0,
            1,
            9,
            Phases(None, None, None, 1, 7, 1),
        ),
    ],
)
UNSENT = RequestResult(position=2, name="Pay", method="POST", counts=False, is_sent=False)
CONSOLE = [ConsoleLine(0, "stage", "Preparing run"), ConsoleLine(12, "warn", "careful", 1)]


@pytest.mark.parametrize(
    "document",
    [
        RunDocument(),
        RunDocument([PLAIN]),
        RunDocument([PLAIN, FULL, UNSENT], CONSOLE),
        RunDocument([RequestResult()], [ConsoleLine(5, level, "x") for level in run_documents.LEVELS]),
    ],
)
def test_everything_is_read_back(document: RunDocument) -> None:
    assert decode(encode(document)) == document


def test_it_says_which_requests_count_and_how_each_ended() -> None:
    document = decode(encode(RunDocument([PLAIN, FULL, UNSENT])))
    assert document.counted == [PLAIN]
    assert [request.outcome for request in document.requests] == ["passed", "error", "unsent"]
    assert [test.name for test in document.requests[1].failed_assertions] == ["creates"]
    assert document.requests[1].script_error_texts == ["TypeError: x is undefined"]


def test_two_times_that_differ_by_rounding_are_one() -> None:
    stored = RequestResult(
        status_code=200, status_text="OK", response_time_ms=120, elapsed_ms=121, response_size=0
    )
    assert decode(encode(RunDocument([stored]))).requests[0].elapsed_ms == 120


@pytest.mark.parametrize(
    "stored", [b"", b"\x02abc", b"\x01", b"\x01no document", encode(RunDocument([FULL]))[:-2]]
)
def test_other_bytes_are_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        decode(stored)


def test_no_document_is_expanded_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_documents, "MAX_BYTES", 1000)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=DICTIONARY)
    bomb = compressor.compress(b"[[],[" + b" " * 100_000 + b"]]") + compressor.flush()
    with pytest.raises(UnreadableDocument, match="longer than 1000 bytes"):
        decode(b"\x01" + bomb)


def test_of_a_document_that_nobody_could_read_the_requests_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_documents, "MAX_BYTES", 2000)
    tests = [TestResult(f"test {number}") for number in range(1000)]
    request = RequestResult(name="List", method="GET", assertions=tests)
    assert decode(encode(RunDocument([request]))).requests == [RequestResult(name="List", method="GET")]
