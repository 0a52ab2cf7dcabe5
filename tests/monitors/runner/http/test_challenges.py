"""Digest and NTLM: the server asks, we answer, the server checks."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from spnego._ntlm_raw.messages import Authenticate

from monitors.runner.http import Auth, HttpClient, OutgoingRequest, SignedBody
from tests.monitors.runner.http.challenges import DigestRealm, NtlmServer
from tests.monitors.runner.http.newman import collection, needs_newman, sent_by_newman, sent_by_us
from tests.monitors.runner.http.server import RawRequest, RawServer

USER = {"username": "user", "password": "pass"}
REALMS = [
    (algorithm + session, qop)
    for algorithm in ("MD5", "SHA-256", "SHA-512-256")
    for session in ("", "-sess")
    for qop in ("", "auth", "auth-int")
    # Without a qop there is no client nonce, which -sess needs.
    if qop or not session
]


@pytest.mark.parametrize(("algorithm", "qop"), REALMS)
def test_a_digest_challenge_is_answered(client: HttpClient, algorithm: str, qop: str) -> None:
    auth = Auth("digest", USER | {"algorithm": algorithm})
    with RawServer(DigestRealm(algorithm, qop)) as server:
        body = SignedBody("raw", b"body", sent=True)
        request = OutgoingRequest("POST", f"{server.url}/a?b=c", body=b"body", signed_body=body)
        exchange = client.send(request, auth)
    assert (exchange.response.body, exchange.sent) == (b"welcome", 2)


def test_a_nonce_is_used_again_for_the_same_definition_alone(client: HttpClient) -> None:
    one, other = (Auth("digest", USER, source=source) for source in (1, 2))
    with RawServer(DigestRealm()) as server:
        sent = [client.send(OutgoingRequest("GET", server.url), auth).sent for auth in (one, one, other)]
    assert sent == [2, 1, 2]


def test_a_nonce_that_went_stale_is_replaced(client: HttpClient) -> None:
    auth = Auth("digest", USER, source=1)
    with RawServer(DigestRealm(uses_of_a_nonce=1)) as server:
        answers = [client.send(OutgoingRequest("GET", server.url), auth) for _ in range(3)]
    assert [answer.response.body for answer in answers] == [b"welcome"] * 3


@pytest.mark.parametrize("scheme", ["digest", "ntlm"])
def test_wrong_credentials_end_with_the_servers_refusal(
    client: HttpClient, ntlm_users: None, scheme: str
) -> None:
    auth = Auth(scheme, USER | {"password": "wrong"})
    with RawServer(DigestRealm() if scheme == "digest" else NtlmServer()) as server:
        assert client.send(OutgoingRequest("GET", server.url), auth).response.status == 401
        assert len(server.seen) <= 4


@pytest.fixture
def ntlm_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = tmp_path / "users"
    users.write_text("DOMAIN:user:pass\n:user:pass\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))


@pytest.mark.parametrize(
    "user",
    [
        {"username": "user"},
        {"username": "DOMAIN\\user"},
        {"username": "user@DOMAIN"},
        {"username": "user", "domain": "DOMAIN", "workstation": "HERE"},
    ],
)
def test_ntlm_is_negotiated_on_one_connection(
    client: HttpClient, ntlm_users: None, user: dict[str, str]
) -> None:
    auth = Auth("ntlm", USER | user)
    with RawServer(NtlmServer()) as server:
        exchange = client.send(OutgoingRequest("GET", server.url), auth)
        assert {seen.connection for seen in server.seen} == {1}
    assert (exchange.response.body, exchange.sent) == (b"welcome", 3)


@pytest.mark.parametrize(("given", "sent"), [({"workstation": "here"}, "HERE"), ({}, None)])
def test_the_server_learns_the_workstation_of_the_collection_and_not_ours(
    client: HttpClient, ntlm_users: None, given: dict[str, str], sent: str | None
) -> None:
    with RawServer(NtlmServer()) as server:
        client.send(OutgoingRequest("GET", server.url), Auth("ntlm", USER | {"username": "user"} | given))
        message = base64.b64decode((server.last.field("Authorization") or "").removeprefix("NTLM "))
    assert Authenticate.unpack(message).workstation == sent


def digest_steps(requests: list[RawRequest]) -> list[tuple[str, str]]:
    """The requests without what is random in them."""
    random = re.compile(r'(cnonce|response)="[^"]*"')
    return [(seen.line, random.sub(r"\1", seen.field("Authorization") or "")) for seen in requests]


class TestLikeNewman:
    pytestmark = needs_newman

    @pytest.mark.parametrize(("algorithm", "qop"), [("MD5", "auth"), ("SHA-256-sess", "auth-int")])
    def test_a_collection_meets_the_same_challenges(self, algorithm: str, qop: str) -> None:
        def definition(**changes: str) -> dict[str, object]:
            parameters = USER | {"algorithm": algorithm} | changes
            given = [{"key": key, "value": value} for key, value in parameters.items()]
            return {"type": "digest", "digest": given}

        steps = []
        for send in (sent_by_newman, sent_by_us):
            with RawServer(DigestRealm(algorithm, qop)) as server:
                requests = [
                    {"method": "GET", "url": f"{server.url}/inherited"},
                    {"method": "POST", "url": f"{server.url}/again", "body": {"mode": "raw", "raw": "x"}},
                    {"method": "GET", "url": f"{server.url}/own", "auth": definition()},
                    {"method": "GET", "url": f"{server.url}/wrong", "auth": definition(password="wrong")},
                ]
                items = [{"request": request} for request in requests]
                steps.append(digest_steps(send(server, collection(items, auth=definition()))))
        assert steps[1] == steps[0]
        assert len(steps[0]) == 7
