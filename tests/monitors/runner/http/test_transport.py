from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest

from monitors.runner.http import (
    Behavior,
    EgressPolicy,
    Headers,
    HttpClient,
    OutgoingRequest,
    RequestFailed,
    transport,
)
from monitors.runner.http.connecting import Endpoint
from monitors.runner.http.connection import Connection
from tests.monitors.runner.http.certificates import make_certificate, server_context
from tests.monitors.runner.http.newman import collection, sent_by_newman, sent_by_us
from tests.monitors.runner.http.server import RawRequest, RawServer, response
from tests.monitors.runner.parity import NEWMAN_IS_HERE

ANYWHERE = EgressPolicy(allow_all=True)


def get(url: str) -> OutgoingRequest:
    return OutgoingRequest("GET", url)


def test_the_url_goes_out_as_it_is(client: HttpClient, server: RawServer) -> None:
    client.send(get(f"{server.url}/a/../b/./%2f%e9//c?x=[1]&y&&z=%zz|{{}}#not-this"))
    assert server.last.target == "/a/../b/./%2f%e9//c?x=[1]&y&&z=%zz|{}"


def test_header_fields_keep_order_case_and_duplicates(client: HttpClient, server: RawServer) -> None:
    fields = [("X-Last", "1"), ("x-first", "2"), ("X-Last", "3"), ("Empty", "")]
    client.send(OutgoingRequest("GET", server.url, Headers(fields)))
    assert server.last.fields[:4] == fields


def test_it_adds_the_fields_that_postman_adds_and_no_others(client: HttpClient, server: RawServer) -> None:
    client.send(OutgoingRequest("POST", server.url, body=b"hello"))
    names = [name for name, _ in server.last.fields]
    assert names == [
        "User-Agent",
        "Accept",
        "Cache-Control",
        "Postman-Token",
        "Host",
        "Accept-Encoding",
        "Connection",
        "Content-Length",
    ]


def test_any_method_goes(client: HttpClient, server: RawServer) -> None:
    client.send(OutgoingRequest("MADE-UP", server.url))
    assert server.last.line == "MADE-UP / HTTP/1.1"


def test_repeated_response_fields_are_kept(client: HttpClient) -> None:
    answer = response("", "200 OK", "Set-Cookie: a=1", "set-cookie: b=2", "X: ü")
    with RawServer(lambda _: answer) as server:
        received = client.send(get(server.url)).response
    assert received.headers[:2] == [("Set-Cookie", "a=1"), ("set-cookie", "b=2")]


def test_sizes_are_those_of_the_wire(client: HttpClient) -> None:
    answer = response("hello", "200 OK", "X: 1")
    with RawServer(lambda _: answer) as server:
        received = client.send(get(server.url)).response
    assert (received.header_size, received.body_size) == (len(answer) - 5, 5)


def test_a_head_request_has_no_body_to_wait_for(client: HttpClient) -> None:
    with RawServer(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n") as server:
        for _ in range(2):
            assert client.send(OutgoingRequest("HEAD", server.url)).response.body == b""
        assert [seen.connection for seen in server.seen] == [1, 1]


def test_one_connection_serves_many_requests(client: HttpClient, server: RawServer) -> None:
    first, second = (client.send(get(server.url)).response.timings for _ in range(2))
    assert [seen.connection for seen in server.seen] == [1, 1]
    assert first.dns is not None
    assert (second.dns, second.connect, second.tls) == (None, None, None)


@pytest.mark.parametrize(
    ("request_field", "response_field"),
    [
        (("Connection", "close"), "X: 1"),
        (("X", "1"), "Connection: close"),
        (("X", "1"), "Keep-Alive: timeout=1"),
    ],
)
def test_a_connection_is_not_used_again_where_a_side_closes_it(
    client: HttpClient, request_field: tuple[str, str], response_field: str
) -> None:
    with RawServer(lambda _: response("", "200 OK", response_field)) as server:
        for _ in range(2):
            client.send(OutgoingRequest("GET", server.url, Headers([request_field])))
        assert [seen.connection for seen in server.seen] == [1, 2]


def test_a_connection_that_the_server_dropped_is_replaced(client: HttpClient, server: RawServer) -> None:
    client.send(get(server.url))
    server.drop_connections()
    time.sleep(0.05)
    assert client.send(OutgoingRequest("POST", server.url)).response.status == 200


def closing_on_the_second(request: RawRequest) -> bytes | None:
    return None if request.target == "/second" and request.connection == 1 else response()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_request_that_the_server_has_read_is_not_sent_again(client: HttpClient, method: str) -> None:
    with RawServer(closing_on_the_second) as server:
        client.send(get(f"{server.url}/first"))
        with pytest.raises(RequestFailed) as failed:
            client.send(OutgoingRequest(method, f"{server.url}/second", body=b"{}"))
    assert (failed.value.code, failed.value.message) == ("ECONNRESET", "socket hang up")
    assert [seen.connection for seen in server.seen] == [1, 1]


@pytest.mark.newman
@pytest.mark.skipif(not NEWMAN_IS_HERE, reason="Newman is not installed: npm install")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_newman_does_not_send_it_again_either(method: str) -> None:
    def seen_by(send: Any) -> list[str]:
        with RawServer(closing_on_the_second) as server:
            paths = [("GET", "/first"), (method, "/second")]
            items = [{"request": {"method": one, "url": server.url + path}} for one, path in paths]
            return [seen.line for seen in send(server, collection(items))]

    assert seen_by(sent_by_us) == seen_by(sent_by_newman)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("resets", [False, True])
def test_a_request_that_crosses_with_the_servers_close_is_sent_again(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch, method: str, resets: bool
) -> None:
    with RawServer() as server:
        client.send(get(server.url))
        server.drop_connections(resets)
        time.sleep(0.1)
        # A close on its way is one that this side cannot know of yet.
        monkeypatch.setattr(Connection, "is_usable", lambda self: True)
        client.send(OutgoingRequest(method, server.url, body=b"{}"))
    assert [seen.line.split()[0] for seen in server.seen] == ["GET", method]


def test_a_request_that_was_received_is_not_sent_again_though_nobody_read_it(client: HttpClient) -> None:
    """Nobody can tell from here that it was not."""
    with Unreading() as server:
        client.send(get(server.url))
        with pytest.raises(RequestFailed) as failed:
            client.send(get(server.url))
    assert failed.value.code == "ECONNRESET"
    assert server.connections == 1


class Unreading(RawServer):
    """Answers the first request of a connection, and closes when the second has come, without reading it."""

    connections = 0

    def _serve(self, connection: socket.socket, number: int) -> None:
        self.connections = number
        with connection:
            connection.recv(65536)
            connection.sendall(response())
            select.select([connection], [], [], 10)


def test_requests_from_several_threads_go_side_by_side(client: HttpClient) -> None:
    together = threading.Barrier(4, timeout=10)

    def answer(request: RawRequest) -> bytes:
        together.wait()
        return response()

    with RawServer(answer) as server:
        threads = [threading.Thread(target=client.send, args=[get(server.url)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.seen) == 4


def test_phases_add_up_to_the_total(client: HttpClient) -> None:
    def answer(request: RawRequest) -> bytes:
        time.sleep(0.05)
        return response("x" * 100_000)

    with RawServer(answer) as server:
        timings = client.send(get(server.url)).response.timings
    assert timings.dns is not None
    assert timings.connect is not None
    assert timings.wait >= 50
    phases = timings.dns + timings.connect + timings.send + timings.wait + timings.download
    assert phases == pytest.approx(timings.total, abs=1)


def test_a_server_that_keeps_silent_runs_into_the_timeout(client: HttpClient) -> None:
    silent = threading.Event()
    with RawServer(lambda _: response() if silent.wait(2) else None) as server:
        with pytest.raises(RequestFailed) as failed:
            client.send(get(server.url), timeout_ms=100)
        silent.set()
    assert (failed.value.code, failed.value.message) == ("ESOCKETTIMEDOUT", "ESOCKETTIMEDOUT")


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", b"H"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"H"),
        (b"HTTP/1.1 200 OK\r\nX-Header: ", b"H"),
        (b"HTTP/1.1 200 ", b"H"),
        (b"", b"\r\n"),
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_the_timeout_holds_for_the_whole_answer(
    client: HttpClient, start: bytes, drop: bytes, tls: bool
) -> None:
    context = server_context(make_certificate("127.0.0.1")) if tls else None
    with (
        Dripping(context=context, start=start, drop=drop) as server,
        pytest.raises(RequestFailed) as failed,
    ):
        client.send(get(server.url), behavior=Behavior(strict_ssl=False), timeout_ms=300)
    assert failed.value.code == "ESOCKETTIMEDOUT"


def test_each_redirect_has_the_whole_timeout(client: HttpClient) -> None:
    def answer(request: RawRequest) -> bytes:
        time.sleep(0.2)
        left = int(request.target.removeprefix("/"))
        return response("", "302 Found", f"Location: /{left - 1}") if left else response()

    with RawServer(answer) as server:
        assert client.send(get(f"{server.url}/4"), timeout_ms=600).response.status == 200


def test_a_redirect_is_followed_though_its_body_never_ends(server: RawServer) -> None:
    start = f"HTTP/1.1 302 Found\r\nLocation: {server.url}/next\r\n\r\n".encode()
    with Dripping(start=start) as dripping, HttpClient(ANYWHERE) as client:
        exchange = client.send(get(dripping.url))
    assert exchange.response.status == 200
    assert server.last.target == "/next"


def test_the_timeout_holds_for_the_sending_too(client: HttpClient) -> None:
    with Hearing() as server, pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("PUT", server.url, body=bytes(50_000_000)), timeout_ms=500)
    assert failed.value.code == "ESOCKETTIMEDOUT"


@dataclass
class Dripping(RawServer):
    """Sends some bytes now and then, for longer than anybody waits."""

    start: bytes = b""
    drop: bytes = b"H"

    def answer_to(self, connection: socket.socket) -> None:
        connection.sendall(self.start)
        for _ in range(200):
            connection.sendall(self.drop)
            time.sleep(0.05)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), connection:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            connection.recv(65536)
            self.answer_to(connection)


class Hearing(Dripping):
    """Reads little by little."""

    def answer_to(self, connection: socket.socket) -> None:
        for _ in range(200):
            connection.recv(4096)
            time.sleep(0.05)


def test_the_deadline_ends_a_response_that_never_ends() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n"
    with RawServer(lambda _: endless) as server:
        deadline = time.monotonic() + 0.3
        with HttpClient(ANYWHERE, deadline=deadline) as client, pytest.raises(RequestFailed):
            client.send(get(server.url))  # without a length, the body goes on until the connection ends
        assert time.monotonic() - deadline < 30


def test_after_the_deadline_nothing_is_sent(server: RawServer) -> None:
    with (
        HttpClient(ANYWHERE, deadline=time.monotonic() - 1) as client,
        pytest.raises(RequestFailed) as failed,
    ):
        client.send(get(server.url))
    assert failed.value.code == "ETIMEDOUT"
    assert server.seen == []


def test_closing_the_client_ends_a_request_in_flight() -> None:
    arrived, over = threading.Event(), threading.Event()
    ended: list[str] = []

    def answer(request: RawRequest) -> bytes:
        arrived.set()
        over.wait(20)
        return response()

    def send() -> None:
        try:
            client.send(get(server.url))
        except RequestFailed as failure:
            ended.append(failure.code)

    with RawServer(answer) as server, HttpClient(ANYWHERE) as client:
        thread = threading.Thread(target=send)
        thread.start()
        arrived.wait(10)
        client.close()
        thread.join(10)
        over.set()
    assert ended == ["ECONNRESET"]


def test_a_large_body_arrives_whole(client: HttpClient, server: RawServer) -> None:
    body = bytes(range(256)) * 10_000
    client.send(OutgoingRequest("PUT", server.url, body=body))
    assert server.last.body == body


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (OutgoingRequest("BAD METHOD", "http://127.0.0.1/"), "ERR_INVALID_HTTP_TOKEN"),
        (OutgoingRequest("GET", "http://127.0.0.1/a b"), "ERR_UNESCAPED_CHARACTERS"),
        (OutgoingRequest("GET", "http://127.0.0.1/", Headers([("a b", "1")])), "ERR_INVALID_HTTP_TOKEN"),
        (OutgoingRequest("GET", "http://127.0.0.1/", Headers([("a", "1\r\nX: 2")])), "ERR_INVALID_CHAR"),
        (OutgoingRequest("GET", "http://127.0.0.1/", Headers([("a", "☃")])), "ERR_INVALID_CHAR"),
        (OutgoingRequest("GET", "http://127.0.0.1:99999/"), "ERR_SOCKET_BAD_PORT"),
        (OutgoingRequest("GET", "ftp://127.0.0.1/"), ""),
        (OutgoingRequest("GET", "http:///"), ""),
    ],
)
def test_it_refuses_what_cannot_stand_in_a_request(
    client: HttpClient, given: OutgoingRequest, code: str
) -> None:
    with pytest.raises(RequestFailed) as failed:
        client.send(given)
    assert failed.value.code == code


def test_a_url_that_urllib_cannot_read_is_sent_all_the_same(client: HttpClient, server: RawServer) -> None:
    client.send(OutgoingRequest("GET", f"http://a[b@127.0.0.1:{server.port}/"))
    assert len(server.seen) == 1


def test_of_the_connections_to_many_hosts_few_stay_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_CONNECTIONS", 3)

    def resolver(host: str, port: int) -> list[Endpoint]:
        return [(socket.AF_INET, ("127.0.0.1", port))]

    with RawServer() as server, HttpClient(ANYWHERE, resolver=resolver) as client:
        descriptors = len(os.listdir("/dev/fd"))
        for number in range(10):
            client.send(OutgoingRequest("GET", f"http://host{number}.example:{server.port}/"))
        # Each connection has two ends in this process, and the server's is closed a moment later.
        deadline = time.monotonic() + 5
        while len(os.listdir("/dev/fd")) > descriptors + 2 * 4:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        client.send(OutgoingRequest("GET", f"http://host1.example:{server.port}/"))
    assert server.last.connection == 2
