from __future__ import annotations

import base64
import socket
import threading

import pytest

from monitors.runner.http import EgressPolicy, HostTls, HttpClient, OutgoingRequest, RequestFailed
from monitors.runner.http.connection import Proxy
from tests.monitors.runner.http.certificates import make_certificate, server_context
from tests.monitors.runner.http.server import RawRequest, RawServer, response

ANYWHERE = EgressPolicy(allow_all=True)
CREDENTIALS = "Basic " + base64.b64encode(b"me:p@ss").decode()


def with_credentials(proxy: RawServer) -> str:
    return proxy.url.replace("//", "//me:p%40ss@")


def test_a_proxy_is_asked_for_the_whole_url(server: RawServer) -> None:
    with HttpClient(ANYWHERE, proxy=with_credentials(server)) as client:
        client.send(OutgoingRequest("GET", "http://127.0.0.1:81/a?b"))
    assert server.last.line == "GET http://127.0.0.1:81/a?b HTTP/1.1"
    assert server.last.field("Host") == "127.0.0.1:81"
    assert server.last.field("Proxy-Authorization") == CREDENTIALS


class TunnelProxy(RawServer):
    """Answers CONNECT and passes the bytes on."""

    def _serve(self, connection: socket.socket, number: int) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        request = RawRequest(head.decode().removesuffix("\r\n\r\n"), b"", number)
        self.seen.append(request)
        host, port = request.target.split(":")
        onward = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=_pump, args=(connection, onward), daemon=True).start()
        _pump(onward, connection)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(65536):
        sink.sendall(data)


def test_https_goes_through_a_tunnel() -> None:
    ca = make_certificate("Our CA", ca=True)
    context = server_context(make_certificate("127.0.0.1", ca))
    with RawServer(context=context) as server, TunnelProxy() as proxy:
        hosts = [HostTls("127.0.0.1", ca=ca.pem)]
        with HttpClient(ANYWHERE, proxy=with_credentials(proxy), hosts=hosts) as client:
            client.send(OutgoingRequest("GET", f"{server.url}/secret"))
        assert server.last.line == "GET /secret HTTP/1.1"
        assert server.last.field("Proxy-Authorization") is None
    assert proxy.last.line == f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"
    assert proxy.last.field("Proxy-Authorization") == CREDENTIALS


def test_a_proxy_that_refuses_the_tunnel_is_named() -> None:
    with (
        RawServer(lambda _: response("", "407 Proxy Authentication Required")) as proxy,
        HttpClient(ANYWHERE, proxy=proxy.url) as client,
        pytest.raises(RequestFailed) as failed,
    ):
        client.send(OutgoingRequest("GET", "https://127.0.0.1:1/"))
    assert failed.value.message == "tunneling socket could not be established, statusCode=407"


@pytest.mark.parametrize("url", ["socks5://host:1080", "host:3128", "http://"])
def test_other_proxies_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http://host:port"):
        Proxy.from_url(url)
