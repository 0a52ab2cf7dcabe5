"""Tokens for the grants that need no person are fetched when they are missing or over."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qsl

import pytest

from monitors.runner.http import Auth, Exchange, HttpClient, OutgoingRequest
from monitors.runner.http.auth.oauth2 import MAX_TOKENS
from tests.monitors.runner.http.server import RawRequest, RawServer, response
from tests.monitors.runner.http.token_server import TokenServer

GRANT = {
    "grant_type": "client_credentials",
    "clientId": "me",
    "clientSecret": "s3cret&",
    "scope": "read write",
}


def send(client: HttpClient, server: TokenServer, **parameters: Any) -> Exchange:
    auth = Auth("oauth2", GRANT | {"accessTokenUrl": f"{server.url}/token"} | parameters)
    return client.send(OutgoingRequest("GET", f"{server.url}/thing"), auth)


def form(request: RawRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), strict_parsing=True))


def test_it_fetches_a_token_with_client_credentials(client: HttpClient) -> None:
    with TokenServer() as server:
        exchange = send(client, server)
        assert server.last.field("Authorization") == "Bearer token-1"
        assert form(server.asked) == {"grant_type": "client_credentials", "scope": "read write"}
        credentials = base64.b64encode(b"me:s3cret&").decode()
        assert server.asked.field("Authorization") == f"Basic {credentials}"
    assert exchange.sent == 2


def test_it_fetches_a_token_with_a_password_and_the_credentials_in_the_body(client: HttpClient) -> None:
    with TokenServer() as server:
        send(
            client,
            server,
            grant_type="password_credentials",
            username="someone",
            password="pässword",
            client_authentication="body",
        )
        assert server.asked.field("Authorization") is None
        assert form(server.asked) == {
            "grant_type": "password",
            "username": "someone",
            "password": "pässword",
            "scope": "read write",
            "client_id": "me",
            "client_secret": "s3cret&",
        }


def test_it_sends_the_users_own_parameters_along(client: HttpClient) -> None:
    own = [
        {"key": "tenant", "value": "t", "send_as": "request_body"},
        {"key": "X-Tenant", "value": "h", "send_as": "request_header"},
        {"key": "q", "value": "u", "send_as": "request_url"},
        {"key": "off", "value": "1", "enabled": False},
    ]
    with TokenServer() as server:
        send(client, server, tokenRequestParams=own, audience="api")
        assert server.asked.target == "/token?q=u"
        assert server.asked.field("X-Tenant") == "h"
        assert form(server.asked).items() >= {("tenant", "t"), ("audience", "api")}
        assert "off" not in form(server.asked)


def test_a_token_serves_the_whole_run(client: HttpClient) -> None:
    with TokenServer() as server:
        send(client, server)
        send(client, server)
        assert server.given == 1


def test_a_token_that_no_request_could_carry_is_refused(client: HttpClient) -> None:
    with RawServer(lambda _: response(json.dumps({"access_token": "x" * 1_000_000}))) as server:
        auth = Auth("oauth2", GRANT | {"accessTokenUrl": server.url})
        exchange = client.send(OutgoingRequest("GET", server.url), auth)
        assert server.last.field("Authorization") is None
    assert "is longer than 20000 characters" in exchange.warnings[0]


def test_the_tokens_of_many_parameters_are_not_all_kept(client: HttpClient) -> None:
    with TokenServer() as server:
        for number in range(MAX_TOKENS + 5):
            send(client, server, scope=str(number))
        assert len(client.tokens) <= MAX_TOKENS
        send(client, server, scope=str(MAX_TOKENS + 4))
        assert server.given == MAX_TOKENS + 5


def test_a_token_that_is_over_is_fetched_anew(client: HttpClient) -> None:
    with TokenServer(lifetime_s=5) as server:
        send(client, server)
        send(client, server)
        assert server.last.field("Authorization") == "Bearer token-2"


def jwt_that_expires(at: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": at}).encode()).rstrip(b"=").decode()
    return f"e30.{claims}.signature"


@pytest.mark.parametrize(
    "stored",
    [
        {"accessToken": "stored"},
        {"accessToken": "stored", "timestamp": int(time.time() * 1000), "expires_in": 3600},
        {"accessToken": jwt_that_expires(time.time() + 3600)},
    ],
)
def test_a_stored_token_that_is_good_is_used(client: HttpClient, stored: dict[str, Any]) -> None:
    with TokenServer() as server:
        send(client, server, **stored)
        assert server.given == 0
        assert server.last.field("Authorization") == f"Bearer {stored['accessToken']}"


@pytest.mark.parametrize(
    "stored",
    [
        {"accessToken": "stored", "timestamp": "1000000000000", "expires_in": "3600"},
        {"accessToken": jwt_that_expires(1_000_000_000)},
    ],
)
def test_a_stored_token_that_is_over_is_replaced(client: HttpClient, stored: dict[str, Any]) -> None:
    with TokenServer() as server:
        send(client, server, **stored)
        assert server.last.field("Authorization") == "Bearer token-1"


def test_it_asks_for_no_token_where_a_person_would_have_to(client: HttpClient) -> None:
    with TokenServer() as server:
        send(client, server, grant_type="authorization_code")
        assert server.given == 0


def test_the_request_goes_out_without_a_token_that_is_refused(client: HttpClient) -> None:
    with TokenServer(refuse=True) as server:
        exchange = send(client, server)
        assert server.last.field("Authorization") is None
    (warning,) = exchange.warnings
    assert warning.endswith(f"no token from {server.url}/token: 401 invalid_client")
