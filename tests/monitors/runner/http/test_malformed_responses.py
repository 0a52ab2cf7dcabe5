"""What Node's parser refuses is refused with Node's code and words; what it takes is taken.

The expectations are what Newman reports for the same bytes.
"""

from __future__ import annotations

import pytest

from monitors.runner.http import Behavior, HttpClient, OutgoingRequest, RequestFailed
from tests.monitors.runner.http.server import RawServer

OK = "HTTP/1.1 200 OK\r\n"
BAD_FIELD = "HPE_INVALID_HEADER_TOKEN"
NOT_HTTP = "Expected HTTP/, RTSP/ or ICE/"
AFTER_CLOSE = "Data after `Connection: close`"
REFUSED = {
    "garbage\r\n\r\n": ("HPE_INVALID_CONSTANT", NOT_HTTP),
    "<html>hi</html>": ("HPE_INVALID_CONSTANT", NOT_HTTP),
    "HTTP/1.1\r\n\r\n": ("HPE_INVALID_VERSION", "Expected space after version"),
    "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n": ("HPE_INVALID_VERSION", "Expected dot"),
    "HTTP/1.1 99 X\r\nContent-Length: 0\r\n\r\n": ("HPE_INVALID_STATUS", "Invalid status code"),
    "HTTP/1.1 1000 X\r\nContent-Length: 0\r\n\r\n": ("HPE_INVALID_STATUS", "Invalid response status"),
    "HTTP/1.1 200 OK\nContent-Length: 0\n\n": ("HPE_CR_EXPECTED", "Missing expected CR after response line"),
    OK + "BadHeader\r\n\r\n": (BAD_FIELD, "Invalid header token"),
    OK + "X-A : 1\r\n\r\n": (BAD_FIELD, "Invalid header token"),
    OK + "X(A: 1\r\n\r\n": (BAD_FIELD, "Invalid header token"),
    OK + "X-A: 1\r\n 2\r\n\r\n": (BAD_FIELD, "Unexpected whitespace after header value"),
    OK + "X-A: a\x00b\r\n\r\n": (BAD_FIELD, "Invalid header value char"),
    OK + "X-A: a\rb\r\n\r\n": ("HPE_LF_EXPECTED", "Missing expected LF after header value"),
    OK + f"X-A: {'a' * 20000}\r\n\r\n": ("HPE_HEADER_OVERFLOW", "Header overflow"),
    OK + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok": (
        "HPE_UNEXPECTED_CONTENT_LENGTH",
        "Duplicate Content-Length",
    ),
    OK + "Content-Length: abc\r\n\r\nok": (
        "HPE_INVALID_CONTENT_LENGTH",
        "Invalid character in Content-Length",
    ),
    OK + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n": (
        "HPE_INVALID_TRANSFER_ENCODING",
        "Transfer-Encoding can't be present with Content-Length",
    ),
    OK + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok": (
        "HPE_INVALID_CONTENT_LENGTH",
        "Content-Length can't be present with Transfer-Encoding",
    ),
    OK + "Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n": (
        "HPE_INVALID_CHUNK_SIZE",
        "Invalid character in chunk size",
    ),
    OK + "Content-Length: 2\r\n\r\nok and more": ("HPE_INVALID_CONSTANT", NOT_HTTP),
    OK + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nmore": ("HPE_INVALID_CONSTANT", NOT_HTTP),
    "HTTP/1.1 204 No Content\r\n\r\nmore": ("HPE_INVALID_CONSTANT", NOT_HTTP),
    OK + "Content-Length: 2\r\nConnection: close\r\n\r\nok and more": ("HPE_CLOSED_CONNECTION", AFTER_CLOSE),
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok and more": ("HPE_CLOSED_CONNECTION", AFTER_CLOSE),
}
TAKEN = {
    "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok": (200, "", b"ok"),
    "HTTP/1.1 200 Très bien ☃\r\nContent-Length: 2\r\n\r\nok": (200, "Très bien ☃", b"ok"),
    "HTTP/1.0 200 OK\r\n\r\nuntil the end": (200, "OK", b"until the end"),
    "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n": (999, "X", b""),
    "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n": (304, "Same", b""),
    "HTTP/1.1 204 No Content\r\n\r\n": (204, "No Content", b""),
    "HTTP/1.1 100 Continue\r\n\r\n" + OK + "Content-Length: 2\r\n\r\nok": (200, "OK", b"ok"),
    "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK + "Content-Length: 2\r\n\r\nok": (200, "OK", b"ok"),
    OK + "Transfer-Encoding: gzip\r\n\r\nok": (200, "OK", b"ok"),
    OK + "Content-Length: 2\r\n\r\nok\r\n\r\n": (200, "OK", b"ok"),
    OK + "Content-Length: 2\r\n\r\nokHTT": (200, "OK", b"ok"),
    OK + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n1\r\n!\r\n0\r\nTrailer: a\r\n\r\n": (
        200,
        "OK",
        b"ok!",
    ),
}


def get(client: HttpClient, answer: str, behavior: Behavior | None = None) -> tuple[int, str, bytes]:
    with RawServer(lambda _: answer.encode(), close_after_answer=True) as server:
        request = OutgoingRequest("GET", server.url)
        response = client.send(request, behavior=behavior or Behavior()).response
    return response.status, response.reason, response.body


@pytest.mark.parametrize(("answer", "expected"), REFUSED.items())
def test_it_refuses_what_node_refuses(client: HttpClient, answer: str, expected: tuple[str, str]) -> None:
    with pytest.raises(RequestFailed) as failed:
        get(client, answer)
    assert (failed.value.code, failed.value.message) == (expected[0], f"Parse Error: {expected[1]}")


@pytest.mark.parametrize(("answer", "expected"), TAKEN.items())
def test_it_takes_what_node_takes(client: HttpClient, answer: str, expected: tuple[int, str, bytes]) -> None:
    assert get(client, answer) == expected


def test_a_body_in_answer_to_head_is_refused(client: HttpClient) -> None:
    answer = f"{OK}Content-Length: 2\r\n\r\nok".encode()
    with RawServer(lambda _: answer) as server, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("HEAD", server.url))
    assert failed.value.message == f"Parse Error: {NOT_HTTP}"
    assert failed.value.explanation == "The server sent more than the one response that it announced."


def test_what_follows_an_answer_is_not_taken_for_the_next_ones(client: HttpClient) -> None:
    follows = f"{OK}Content-Length: 6\r\n\r\nforged"
    answers = iter([f"{OK}Content-Length: 5\r\n\r\nfirst{follows}", f"{OK}Content-Length: 6\r\n\r\nsecond"])
    with RawServer(lambda _: next(answers).encode()) as server:
        bodies = [client.send(OutgoingRequest("GET", server.url)).response.body for _ in range(2)]
    assert bodies == [b"first", b"second"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("", "socket hang up"),
        ("HTTP/1.1 2", "socket hang up"),
        (OK + "Content-Le", "socket hang up"),
        (OK + "Content-Length: 10\r\n\r\nok", "aborted"),
        (OK + "Transfer-Encoding: chunked\r\n\r\n5\r\nok", "aborted"),
    ],
)
def test_an_answer_that_ends_early_is_a_reset(client: HttpClient, answer: str, message: str) -> None:
    with pytest.raises(RequestFailed) as failed:
        get(client, answer)
    assert (failed.value.code, failed.value.message) == ("ECONNRESET", message)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_insecure_parser_takes_broken_header_fields(client: HttpClient, line_end: str) -> None:
    lines = ["HTTP/1.1 200 OK", "X-A: 1", " folded\x01", "Content-Length: 2", "", "ok"]
    behavior = Behavior(insecure_http_parser=True)
    assert get(client, line_end.join(lines), behavior) == (200, "OK", b"ok")


def test_the_insecure_parser_refuses_a_space_behind_a_name_as_node_20_does(client: HttpClient) -> None:
    with pytest.raises(RequestFailed) as failed:
        get(client, f"{OK}X-A : 1\r\n\r\n", Behavior(insecure_http_parser=True))
    assert (failed.value.code, failed.value.message) == (BAD_FIELD, "Parse Error: Invalid header token")
