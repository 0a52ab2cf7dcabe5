"""A server may not hold a run up, fill its memory or break it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from monitors.runner.http import EgressPolicy, HttpClient, OutgoingRequest, RequestFailed
from monitors.runner.http.connecting import MAX_LOOKUPS, Endpoint
from tests.monitors.runner.http.server import RawServer, response

ANYWHERE = EgressPolicy(allow_all=True)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Dripping(RawServer):
    """Sends a start, then the same bytes again and again."""

    start = b""
    drop = b""
    pause_s = 0.0

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(ConnectionError), connection:
            connection.recv(65536)
            connection.sendall(self.start)
            while True:
                connection.sendall(self.drop)
                time.sleep(self.pause_s)


def dripping(start: bytes, drop: bytes, pause_s: float) -> Dripping:
    server = Dripping()
    server.start, server.drop, server.pause_s = start, drop, pause_s
    return server


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (OK, b"X"),
        (OK + b"\r\n", b"x"),
        (CHUNKED, b"0"),
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED + b"0\r\n", b"x"),
    ],
)
def test_one_that_drips_is_cut_off_at_the_deadline(start: bytes, drop: bytes) -> None:
    deadline = time.monotonic() + 0.4
    with dripping(start, drop, 0.05) as server, HttpClient(ANYWHERE, deadline=deadline) as client:
        with pytest.raises(RequestFailed):
            client.send(OutgoingRequest("GET", server.url))
        assert time.monotonic() - deadline < 30


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H" * 100),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK, b"X: y\r\n"),
        (CHUNKED + b"0\r\n", b"X: y\r\n"),
        (CHUNKED, b"0" * 100),
    ],
)
def test_one_that_never_comes_to_an_end_is_refused(client: HttpClient, start: bytes, drop: bytes) -> None:
    with dripping(start, drop, 0) as server, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("GET", server.url))
    assert failed.value.code.startswith("HPE_")


EMPTY_DEFLATE_BLOCK = b"\x00\x00\x00\xff\xff"


@pytest.mark.parametrize(
    ("fields", "drop"),
    [(b"", b"x" * 1000), (b"Content-Encoding: deflate\r\n", EMPTY_DEFLATE_BLOCK * 200)],
)
def test_an_endless_body_is_cut_at_the_limit(fields: bytes, drop: bytes) -> None:
    with (
        dripping(OK + fields + b"\r\n", drop, 0) as server,
        HttpClient(ANYWHERE, max_response_bytes=100_000) as client,
    ):
        received = client.send(OutgoingRequest("GET", server.url)).response
    assert received.truncated
    assert len(received.body) <= 100_000


NINES = "9" * 5000


@pytest.mark.parametrize(
    "field",
    [
        f"Set-Cookie: a=1; Max-Age={NINES}",
        f"Set-Cookie: a=1; Expires={NINES}",
        f"Keep-Alive: timeout={NINES}",
        f"Location: http://127.0.0.1:{NINES}/",
        "Set-Cookie: \xff\xfe=\x80",
        "Content-Encoding: \xff",
    ],
)
def test_absurd_values_do_no_harm(client: HttpClient, field: str) -> None:
    answer = response("fine").replace(b"\r\n", b"\r\n" + field.encode("latin-1") + b"\r\n", 1)
    with RawServer(lambda _: answer) as server:
        received = client.send(OutgoingRequest("GET", server.url)).response
    assert received.body == b"fine"


def test_an_absurd_port_ends_a_redirect(client: HttpClient) -> None:
    answer = response("", "302 Found", f"Location: http://127.0.0.1:{NINES}/")
    with RawServer(lambda _: answer) as server, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("GET", server.url))
    assert failed.value.code == "ERR_SOCKET_BAD_PORT"


def test_an_absurd_length_is_refused(client: HttpClient) -> None:
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {NINES}\r\n\r\n".encode()
    with RawServer(lambda _: answer) as server, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("GET", server.url))
    assert failed.value.code == "HPE_INVALID_CONTENT_LENGTH"


def test_dns_that_never_answers_holds_few_threads() -> None:
    """Nor do those who wait for their turn wait any longer than for an answer."""
    answers = threading.Event()

    def resolver(host: str, port: int) -> list[Endpoint]:
        answers.wait()
        return []

    before = threading.active_count()
    with HttpClient(ANYWHERE, timeout_ms=10, resolver=resolver) as client:
        for number in range(3 * MAX_LOOKUPS):
            with pytest.raises(RequestFailed) as failed:
                client.send(OutgoingRequest("GET", f"http://host{number}.example/"))
            assert failed.value.code == "ETIMEDOUT"
        assert threading.active_count() <= before + MAX_LOOKUPS
        answers.set()
