"""When no answer comes, the code and the message are Newman's, and a sentence explains them."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

from monitors.runner.http import Behavior, EgressPolicy, HttpClient, OutgoingRequest, RequestFailed
from monitors.runner.http.connecting import Endpoint
from tests.monitors.runner.http.server import RawRequest, RawServer, response

ANYWHERE = EgressPolicy(allow_all=True)


def failure(client: HttpClient, url: str) -> RequestFailed:
    with pytest.raises(RequestFailed) as failed:
        client.send(OutgoingRequest("GET", url))
    assert failed.value.explanation.endswith((".", "?"))
    return failed.value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "api.localhost"])
def test_a_port_where_nobody_listens(client: HttpClient, host: str) -> None:
    port = free_port()
    failed = failure(client, f"http://{host}:{port}/")
    assert (failed.code, failed.message) == ("ECONNREFUSED", f"connect ECONNREFUSED 127.0.0.1:{port}")


def test_localhost_is_also_found_by_its_ipv4_address(client: HttpClient, server: RawServer) -> None:
    assert client.send(OutgoingRequest("GET", f"http://localhost:{server.port}/")).response.status == 200


@pytest.mark.parametrize("host", ["name.invalid", "a..b", "x" * 64 + ".example", "[nonsense]"])
def test_a_name_that_does_not_exist(client: HttpClient, host: str) -> None:
    failed = failure(client, f"http://{host}/")
    assert (failed.code, failed.message) == ("ENOTFOUND", f"getaddrinfo ENOTFOUND {host.strip('[]')}")


def test_a_name_server_that_fails() -> None:
    def resolver(host: str, port: int) -> list[Endpoint]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with HttpClient(ANYWHERE, resolver=resolver) as client:
        failed = failure(client, "http://name.example/")
    assert (failed.code, failed.message) == ("EAI_AGAIN", "getaddrinfo EAI_AGAIN name.example")


def test_a_name_server_that_keeps_silent_runs_into_the_timeout() -> None:
    over = threading.Event()

    def resolver(host: str, port: int) -> list[Endpoint]:
        over.wait(20)
        return []

    started = time.monotonic()
    with HttpClient(ANYWHERE, resolver=resolver, timeout_ms=100) as client:
        failed = failure(client, "http://name.example/")
    over.set()
    assert (failed.code, failed.message) == ("ETIMEDOUT", "ETIMEDOUT")
    assert time.monotonic() - started < 10


def test_a_host_that_does_not_accept_runs_into_the_timeout() -> None:
    with socket.socket() as full, HttpClient(ANYWHERE, timeout_ms=200) as client:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        queue = [socket.socket() for _ in range(4)]
        for waiting in queue:
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        failed = failure(client, f"http://127.0.0.1:{full.getsockname()[1]}/")
        for waiting in queue:
            waiting.close()
    assert failed.code == "ETIMEDOUT"


def test_a_connection_that_is_reset(client: HttpClient) -> None:
    def reset(request: RawRequest) -> None:
        for connection in server._open:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    with RawServer(reset) as server:
        failed = failure(client, server.url)
    assert failed.code == "ECONNRESET"


def test_a_redirect_loop(client: HttpClient) -> None:
    with RawServer(lambda _: response("", "302 Found", "Location: /again")) as server:
        failed = failure(client, server.url)
        assert len(server.seen) == 11
    message = f"Exceeded maxRedirects. Probably stuck in a redirect loop {server.url}/again"
    assert failed.message == message


@pytest.mark.parametrize(("most", "requests"), [(-1, 1), (0, 1), (2, 3)])
def test_the_behavior_limits_redirects(client: HttpClient, most: int, requests: int) -> None:
    with RawServer(lambda _: response("", "302 Found", "Location: /again")) as server:
        with pytest.raises(RequestFailed, match="Exceeded maxRedirects"):
            client.send(OutgoingRequest("GET", server.url), behavior=Behavior(max_redirects=most))
        assert len(server.seen) == requests


def test_a_host_with_a_nul_is_a_failed_request() -> None:
    with HttpClient(ANYWHERE) as client:
        assert failure(client, "http://a\0b.example/").code == "ERR_INVALID_CHAR"
