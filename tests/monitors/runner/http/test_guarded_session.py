from __future__ import annotations

import socket

import pytest
import requests

from monitors.runner.http import EgressDenied, EgressPolicy, guarded_session
from monitors.runner.http.connecting import Endpoint
from tests.monitors.runner.http.server import RawRequest, RawServer, response

LOCAL = EgressPolicy.from_text(["127.0.0.1"])


def test_it_sends_where_the_policy_permits(server: RawServer) -> None:
    with guarded_session(LOCAL) as session:
        answer = session.post(f"{server.url}/hook", json={"a": 1}, timeout=2)
    assert answer.status_code == 200
    assert server.last.body == b'{"a": 1}'


def test_it_does_not_follow_a_redirect_to_a_closed_address() -> None:
    def redirect(request: RawRequest) -> bytes:
        return response("", "302 Found", "Location: http://169.254.169.254/latest")

    with RawServer(redirect) as server, guarded_session(LOCAL) as session, pytest.raises(EgressDenied):
        session.get(server.url, timeout=2)


def test_it_asks_dns_once_and_connects_to_what_it_checked(server: RawServer) -> None:
    answers = ["127.0.0.1", "10.0.0.1"]

    def resolver(host: str, port: int) -> list[Endpoint]:
        return [(socket.AF_INET, (answers.pop(0), port))]

    with guarded_session(LOCAL, resolver) as session:
        session.get(f"http://name.example:{server.port}/", timeout=2)
    assert answers == ["10.0.0.1"]
    assert server.last.field("Host") == f"name.example:{server.port}"


def test_it_pays_no_heed_to_the_proxies_of_the_environment(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with guarded_session(LOCAL) as session:
        assert session.get(server.url, timeout=2).status_code == 200


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://name.invalid/", requests.ConnectionError),
        ("http://127.0.0.1:1/", requests.ConnectionError),
    ],
)
def test_other_troubles_are_those_of_requests(url: str, error: type[Exception]) -> None:
    with guarded_session(LOCAL) as session, pytest.raises(error) as raised:
        session.get(url, timeout=2)
    assert not isinstance(raised.value, EgressDenied)
