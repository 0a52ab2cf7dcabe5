from __future__ import annotations

import socket
import struct
import tempfile
from pathlib import Path

import pytest

from monitors.runner.http import (
    Behavior,
    EgressPolicy,
    HostTls,
    HttpClient,
    OutgoingRequest,
    RequestFailed,
)
from tests.monitors.runner.http.certificates import Pair, make_certificate, server_context
from tests.monitors.runner.http.server import RawServer

ANYWHERE = EgressPolicy(allow_all=True)
CA = make_certificate("Our CA", ca=True)
LOCAL = make_certificate("127.0.0.1", CA)
TRUSTING = HostTls("127.0.0.1", ca=CA.pem)


def get(server: RawServer, *hosts: HostTls, strict: bool = True, verify_tls: bool = True) -> int:
    with HttpClient(ANYWHERE, hosts=hosts, verify_tls=verify_tls, timeout_ms=30_000) as client:
        behavior = Behavior(strict_ssl=strict)
        return client.send(OutgoingRequest("GET", server.url), behavior=behavior).response.status


@pytest.mark.parametrize(
    ("pair", "hosts", "code", "message"),
    [
        (
            make_certificate("127.0.0.1"),
            [],
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "self-signed certificate",
        ),
        (LOCAL, [], "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify the first certificate"),
        (
            make_certificate("127.0.0.1", CA, days=(-2, -1)),
            [TRUSTING],
            "CERT_HAS_EXPIRED",
            "certificate has expired",
        ),
        (
            make_certificate("127.0.0.1", CA, days=(1, 2)),
            [TRUSTING],
            "CERT_NOT_YET_VALID",
            "certificate is not yet valid",
        ),
        (
            make_certificate("other.example", CA),
            [TRUSTING],
            "ERR_TLS_CERT_ALTNAME_INVALID",
            "Hostname/IP does not match certificate's altnames: Host: 127.0.0.1.",
        ),
    ],
)
def test_it_refuses_a_bad_certificate(pair: Pair, hosts: list[HostTls], code: str, message: str) -> None:
    with RawServer(context=server_context(pair)) as server, pytest.raises(RequestFailed) as failed:
        get(server, *hosts)
    assert (failed.value.code, failed.value.message) == (code, message)
    assert failed.value.explanation.endswith(".")


def test_it_takes_a_certificate_of_a_custom_ca() -> None:
    with RawServer(context=server_context(LOCAL)) as server:
        assert get(server, TRUSTING) == 200


@pytest.mark.parametrize("off", [{"strict": False}, {"verify_tls": False}])
def test_verification_can_be_switched_off(off: dict[str, bool]) -> None:
    with RawServer(context=server_context(make_certificate("other.example"))) as server:
        assert get(server, **off) == 200


def test_a_connection_opened_without_verification_is_not_used_for_a_request_with_it() -> None:
    with RawServer(context=server_context(make_certificate("127.0.0.1"))) as server:
        with HttpClient(ANYWHERE) as client:
            client.send(OutgoingRequest("GET", server.url), behavior=Behavior(strict_ssl=False))
            with pytest.raises(RequestFailed):
                client.send(OutgoingRequest("GET", server.url))
        assert len(server.seen) == 1


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
def test_it_shows_the_certificate_of_the_host(passphrase: str) -> None:
    mine = make_certificate("me", CA)
    hosts = [
        HostTls("elsewhere.example"),
        HostTls("127.0.0.1", mine.pem, mine.key_pem(passphrase), passphrase, CA.pem),
    ]
    with RawServer(context=server_context(LOCAL, client_ca=CA)) as server:
        assert get(server, *hosts) == 200


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs Linux's files in memory")
def test_a_private_key_comes_to_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = make_certificate("me", CA)
    with RawServer(context=server_context(LOCAL, client_ca=CA)) as server:
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
        assert get(server, HostTls("127.0.0.1", mine.pem, mine.key_pem(), ca=CA.pem)) == 200


def test_a_server_that_wants_a_certificate_refuses_a_request_without() -> None:
    with RawServer(context=server_context(LOCAL, client_ca=CA)) as server:
        with pytest.raises(RequestFailed) as failed:
            get(server, TRUSTING)
        assert server.seen == []
    assert failed.value.code == "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert failed.value.explanation == "The server wants a client certificate. Add one for this host."


def test_a_reset_during_the_handshake_is_named_as_node_does() -> None:
    class ResettingServer(RawServer):
        def _serve(self, connection: socket.socket, number: int) -> None:
            connection.recv(9)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    with ResettingServer() as server, pytest.raises(RequestFailed) as failed, HttpClient(ANYWHERE) as client:
        client.send(OutgoingRequest("GET", server.url.replace("http", "https")))
    assert (failed.value.code, failed.value.message) == ("ECONNRESET", "read ECONNRESET")


def test_an_unreadable_certificate_is_named() -> None:
    with RawServer(context=server_context(LOCAL)) as server, pytest.raises(RequestFailed) as failed:
        get(server, HostTls("127.0.0.1", ca="no PEM at all"))
    assert failed.value.message.startswith("The certificates for 127.0.0.1 cannot be read")


def test_https_to_a_port_that_speaks_http_is_a_protocol_error() -> None:
    class ImpatientServer(RawServer):
        def _serve(self, connection: socket.socket, number: int) -> None:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with ImpatientServer() as server, pytest.raises(RequestFailed) as failed, HttpClient(ANYWHERE) as client:
        client.send(OutgoingRequest("GET", server.url.replace("http", "https")))
    assert failed.value.code == "EPROTO"


def test_tls_is_timed() -> None:
    with RawServer(context=server_context(LOCAL)) as server, HttpClient(ANYWHERE, hosts=[TRUSTING]) as client:
        timings = client.send(OutgoingRequest("GET", server.url)).response.timings
    assert timings.tls is not None
    assert timings.tls > 0


@pytest.mark.parametrize(
    ("pattern", "host", "port", "matches"),
    [
        ("api.example.com", "api.example.com", 443, True),
        ("API.example.com", "api.EXAMPLE.com", 8443, True),
        ("*.example.com", "api.example.com", 443, True),
        ("*.example.com", "example.com", 443, False),
        ("api.example.com:8443", "api.example.com", 8443, True),
        ("api.example.com:8443", "api.example.com", 443, False),
        ("api.example.com", "api.example.com.evil.net", 443, False),
        ("[::1]:8443", "::1", 8443, True),
    ],
)
def test_certificates_go_to_the_hosts_they_are_for(pattern: str, host: str, port: int, matches: bool) -> None:
    assert HostTls(pattern).matches(host, port) is matches
