"""A request that got no answer: its test script sees of it what it sees with Newman."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from monitors.runner import load_collection, run_collection
from monitors.runner.http import EgressPolicy
from tests.monitors.runner.http.certificates import make_certificate, server_context
from tests.monitors.runner.http.newman import collection, needs_newman, reported_by_newman, reported_by_us
from tests.monitors.runner.http.server import RawRequest, RawServer, response
from tests.monitors.runner.http.test_auth_like_newman import PKCS8

pytestmark = needs_newman

Json = dict[str, Any]
OAUTH1 = {
    "consumerKey": "c",
    "consumerSecret": "s",
    "nonce": "n",
    "timestamp": "1",
    "version": "1.0",
    "signatureMethod": "HMAC-SHA1",
}
JWT = {"algorithm": "HS256", "secret": "s", "payload": "{}", "addTokenTo": "header"}
EDGEGRID = {"accessToken": "a", "clientToken": "c", "clientSecret": "s", "nonce": "n"}
DIGEST = {"username": "u", "password": "p"}
AUTHORIZATIONS: list[tuple[str, Json]] = [
    ("noauth", {}),
    ("basic", {"username": "u", "password": "p"}),
    ("bearer", {"token": "t"}),
    ("apikey", {"key": "X-Key", "value": "v", "in": "header"}),
    ("apikey", {"key": "k", "value": "v w", "in": "query"}),
    ("digest", DIGEST),
    ("digest", {**DIGEST, "realm": "r", "nonce": "n", "algorithm": "MD5"}),
    ("hawk", {"authId": "i", "authKey": "k", "algorithm": "sha256", "nonce": "n", "timestamp": "1"}),
    ("oauth1", OAUTH1 | {"addParamsToHeader": True}),
    ("oauth1", OAUTH1),
    ("oauth2", {"accessToken": "t", "addTokenTo": "header"}),
    ("oauth2", {"accessToken": "t", "addTokenTo": "queryParams"}),
    ("awsv4", {"accessKey": "a", "secretKey": "s", "region": "r", "service": "s"}),
    ("edgegrid", EDGEGRID | {"timestamp": "20200101T00:00:00+0000"}),
    ("ntlm", {"username": "u", "password": "p"}),
    ("jwt", JWT),
    ("jwt", JWT | {"addTokenTo": "queryParam", "queryParamKey": "token"}),
    ("asap", {"iss": "i", "aud": "a", "kid": "k", "privateKey": PKCS8}),
    ("no-such-scheme", {"a": "b"}),
]
JSON_BODY = {"mode": "raw", "raw": '{"a":1}', "options": {"raw": {"language": "json"}}}
BODIES: list[Json] = [
    {},
    {"method": "POST", "body": JSON_BODY},
    {"method": "PUT", "body": {"mode": "raw", "raw": "x"}},
    {"method": "POST", "body": {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"}]}},
    {
        "method": "POST",
        "body": {"mode": "formdata", "formdata": [{"key": "a", "value": "1", "type": "text"}]},
    },
]
SYSTEM_HEADERS = [
    *("user-agent", "accept", "cache-control", "postman-token", "host", "accept-encoding", "connection"),
    "content-length",
]
REFUSED = "http://127.0.0.1:1"
# What differs from one request to the next, whoever sends it.
RANDOM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|(?:cnonce|response)=\W*\w+|eyJ[\w.-]+|signature=[\w+/]+"
    r"|Signature=\w+|Credential=[^,]*|\d{8}T\d{6}Z"
)
WHAT_THE_SCRIPT_SEES = """
const seen = (member) => [member.key, member.value, Boolean(member.system), Boolean(member.disabled)];
pm.test(JSON.stringify({
    headers: pm.request.headers.map(seen).sort(),
    byName: Object.keys(request.headers).sort(),
    url: [pm.request.url.toString(), request.url],
    method: [pm.request.method, request.method],
    form: pm.request.body && pm.request.body.urlencoded ? pm.request.body.urlencoded.map(seen) : null,
    data: request.data,
}), () => {});
"""


def item(url: str, scheme: str = "noauth", parameters: Json | None = None, **more: Any) -> Json:
    pairs = [{"key": key, "value": value} for key, value in (parameters or {}).items()]
    header = [
        {"key": "X-Off", "value": "1", "disabled": True},
        {"key": "X-On", "value": "{{v}}", "description": "of the user"},
    ]
    behavior = more.pop("behavior", {})
    return {
        "name": f"{url} {scheme}",
        "request": {
            "url": f"{url}/a b/:id?x=1&y=é",
            "header": header,
            "auth": {"type": scheme, scheme: pairs},
            **more,
        },
        "protocolProfileBehavior": behavior,
        "event": [{"listen": "test", "script": {"exec": WHAT_THE_SCRIPT_SEES}}],
    }


def assert_same_view(items: list[Json]) -> None:
    given = collection(items, variable=[{"key": "v", "value": "filled"}])
    newman, ours = reported_by_newman(given), reported_by_us(given)
    for one, other in zip(ours, newman, strict=True):
        assert view(one) == view(other)


def view(execution: Json) -> Json:
    (seen, *_), *_ = execution["assertions"]
    return {"item": execution["item"], "error": execution["error"], **json.loads(RANDOM.sub("*", seen))}


@pytest.fixture
def hosts() -> Iterator[list[str]]:
    """Addresses that do not answer, each in a way of its own."""
    with ExitStack() as stack:
        tls = stack.enter_context(RawServer(context=server_context(make_certificate("127.0.0.1"))))
        silent = [stack.enter_context(RawServer(answer=answer)) for answer in WRONG_ANSWERS]
        resetting = stack.enter_context(ResettingServer())
        servers = [tls.url, *(server.url for server in silent), resetting.url]
        yield [REFUSED, "http://nowhere.invalid", "http://127.0.0.1:99999", "foo://x", *servers]


def nothing(request: RawRequest) -> None:
    """The connection closes."""


def a_part(request: RawRequest) -> bytes:
    """The response breaks off; its cookie counts."""
    return (
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nSet-Cookie: a=1\r\nConnection: close\r\n\r\n" + b"x" * 60
    )


def no_http(request: RawRequest) -> bytes:
    return b"nonsense\r\n\r\n"


def not_compressed(request: RawRequest) -> bytes:
    return response("plain", "200 OK", "Content-Encoding: gzip")


def moved_away(request: RawRequest) -> bytes:
    return response("", "302 Found", "Set-Cookie: b=1", f"Location: {REFUSED}/elsewhere")


def asks_who_it_is(request: RawRequest) -> bytes | None:
    """For its name, and closes once it is told."""
    if request.field("Authorization"):
        return None
    return response("", "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"')


WRONG_ANSWERS = [nothing, a_part, no_http, not_compressed, moved_away, asks_who_it_is]


class ResettingServer(RawServer):
    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def test_it_sees_the_authorization_and_what_postman_adds(hosts: list[str]) -> None:
    everywhere = [item(host, *authorization) for authorization in AUTHORIZATIONS for host in hosts]
    bodies = [
        item(REFUSED, *authorization, **body)
        for authorization in AUTHORIZATIONS
        for body in BODIES
        if authorization[0] in ("noauth", "digest", "oauth1", "awsv4")
    ]
    assert_same_view(everywhere + bodies)


def test_it_sees_no_more_than_was_not_switched_off() -> None:
    off = [{"disabledSystemHeaders": {name: True}} for name in SYSTEM_HEADERS]
    assert_same_view([item(REFUSED, "bearer", {"token": "t"}, behavior=behavior) for behavior in off])


def test_it_sees_no_credentials_of_the_url(server: RawServer) -> None:
    urls = [f"http://us:pw@127.0.0.1:{port}" for port in (1, server.port)]
    assert_same_view([item(url) for url in urls])


def test_a_server_that_keeps_silent() -> None:
    quiet = socket.create_server(("127.0.0.1", 0))
    with quiet:
        assert_same_view([item(f"http://127.0.0.1:{quiet.getsockname()[1]}", "bearer", {"token": "t"})])


def test_what_went_wrong_with_the_authorization_is_said_even_so() -> None:
    given = collection([item(REFUSED, "no-such-scheme", {"a": "b"})])
    report = run_collection(load_collection(given), egress=EgressPolicy(allow_all=True))
    assert "runtime: could not find a handler for auth: no-such-scheme" in [
        line.text for line in report.console
    ]


def test_a_redirect_whose_body_breaks_off_is_followed() -> None:
    def answer(request: RawRequest) -> bytes | None:
        if request.target.startswith("/next"):
            return response("here")
        return b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 50\r\n\r\nabc"

    with RawServer(answer=answer, close_after_answer=True) as server:
        given = collection([{"request": {"url": server.url}}])
        newman, ours = reported_by_newman(given), reported_by_us(given)
    assert ours == newman
    assert [execution["code"] for execution in ours] == [200]
