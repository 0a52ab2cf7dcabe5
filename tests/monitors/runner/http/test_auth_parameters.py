"""A collection may put any JSON into the parameters of an authorization: a warning, never a crash."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from monitors.runner.http import Auth, HttpClient, OutgoingRequest, RequestFailed
from monitors.runner.http.auth import SCHEMES
from tests.monitors.runner.http.server import RawServer

ODD_VALUES: list[Any] = [None, True, -1, 1.5, "9" * 5000, "\ud800", "a\r\nb", [], ["x", None], {"a": {}}]
WORKING: dict[str, dict[str, Any]] = {
    "apikey": {"key": "k", "value": "v", "in": "query"},
    "asap": {"kid": "k", "iss": "i", "aud": "a", "privateKey": "p", "exp": "1", "claims": "{}", "sub": "s"},
    "awsv4": {"accessKey": "a", "secretKey": "s", "region": "r", "service": "s", "sessionToken": "t"},
    "basic": {"username": "u", "password": "p"},
    "bearer": {"token": "t"},
    "digest": {"username": "u", "password": "p", "realm": "r", "nonce": "n", "qop": "auth", "algorithm": ""},
    "edgegrid": {"accessToken": "a", "clientToken": "c", "clientSecret": "s", "maxBodySize": "1"},
    "hawk": {"authId": "a", "authKey": "k", "algorithm": "sha256", "timestamp": "1", "extraData": ""},
    "jwt": {"algorithm": "HS256", "secret": "s", "payload": "{}", "header": "{}", "headerPrefix": "B"},
    "ntlm": {"username": "u", "password": "p", "domain": "d"},
    "oauth1": {"consumerKey": "c", "consumerSecret": "s", "signatureMethod": "HMAC-SHA1", "nonce": "n"},
    "oauth2": {"accessToken": "t", "expires_in": "1", "timestamp": "1", "headerPrefix": "B"},
}


def test_every_scheme_is_tried() -> None:
    assert WORKING.keys() == SCHEMES.keys()


@pytest.mark.parametrize("scheme", WORKING)
def test_no_value_is_too_odd(client: HttpClient, server: RawServer, scheme: str) -> None:
    working = WORKING[scheme]
    for name in [*working, "maxBodySize", "headersToSign", "addTokenTo", "tokenRequestParams"]:
        for value in ODD_VALUES:
            auth = Auth(scheme, working | {name: value})
            with contextlib.suppress(RequestFailed):  # a line break cannot stand in a header field
                client.send(OutgoingRequest("POST", server.url, body=b"body"), auth)


def test_a_scheme_that_does_not_exist_is_named(client: HttpClient, server: RawServer) -> None:
    exchange = client.send(OutgoingRequest("GET", server.url), Auth("made-up", {}))
    assert exchange.warnings == ["runtime: could not find a handler for auth: made-up"]
