"""Every scheme, its nonces and clocks given: the same bytes reach the server as from Newman."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.monitors.runner.http.newman import (
    WireForm,
    collection,
    needs_newman,
    sent_by_newman,
    sent_by_us,
    wire_form,
)
from tests.monitors.runner.http.server import RawServer

pytestmark = needs_newman

Parameters = dict[str, Any]
KEY = rsa.generate_private_key(65537, 2048)
PKCS8 = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PKCS1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
DER = base64.b64encode(KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()

GET: Parameters = {}
URL = "/p/a th?q=1&x=a b!c*&y&z=&é=ü"
JSON_POST: Parameters = {
    "method": "POST",
    "body": {"mode": "raw", "raw": '{"a": "é"}', "options": {"raw": {"language": "json"}}},
}
TEXT_POST: Parameters = {"method": "POST", "body": {"mode": "raw", "raw": "text"}}
FORM_POST: Parameters = {
    "method": "POST",
    "body": {
        "mode": "urlencoded",
        "urlencoded": [
            {"key": "a b", "value": "c&d é!"},
            {"key": "n", "value": "1"},
            {"key": "off", "value": "1", "disabled": True},
        ],
    },
}
FORM_OF_NOTHING: Parameters = {
    "method": "POST",
    "body": {"mode": "urlencoded", "urlencoded": [{"key": "off", "value": "1", "disabled": True}]},
}
MULTIPART: Parameters = {
    "method": "POST",
    "body": {"mode": "formdata", "formdata": [{"key": "a", "value": "1", "type": "text"}]},
}
GRAPHQL: Parameters = {"method": "POST", "body": {"mode": "graphql", "graphql": {"query": "{ a }"}}}
DISABLED: Parameters = {"method": "POST", "body": {**TEXT_POST["body"], "disabled": True}}
NOT_SENT: list[Parameters] = [
    DISABLED,
    *(body | {"method": "GET"} for body in (TEXT_POST, JSON_POST, FORM_POST, FORM_OF_NOTHING, GRAPHQL)),
]
"""Bodies that stay at home, which Postman signs all the same."""
DATED = [{"key": "Date", "value": "Mon, 20 Nov 2023 10:00:00 GMT"}]


def item(
    scheme: str, parameters: Parameters, path: str = URL, behavior: Parameters | None = None, **request: Any
) -> dict[str, Any]:
    given = [{"key": key, "value": value} for key, value in parameters.items()]
    auth = {"type": scheme, scheme: given}
    request = {"method": "GET", "url": f"http://127.0.0.1:$PORT{path}", "auth": auth, **request}
    return {"request": request, "protocolProfileBehavior": behavior or {}}


def oauth1() -> Iterator[dict[str, Any]]:
    base = {
        "consumerKey": "ck",
        "consumerSecret": "cs&",
        "token": "tk",
        "tokenSecret": "ts",
        "nonce": "abc",
        "timestamp": "1700000000",
        "version": "1.0",
        "signatureMethod": "HMAC-SHA1",
    }
    to_header = base | {"addParamsToHeader": True}
    for method in ("HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512", "PLAINTEXT", "", "made-up"):
        yield item("oauth1", to_header | {"signatureMethod": method})
    for method in ("RSA-SHA1", "RSA-SHA256", "RSA-SHA512"):
        yield item("oauth1", to_header | {"signatureMethod": method, "privateKey": PKCS8})
    yield item("oauth1", base | {"signatureMethod": "RSA-SHA1", "privateKey": PKCS1})
    yield item("oauth1", base | {"signatureMethod": "RSA-SHA1", "privateKey": "no key"})
    yield item("oauth1", base)
    more = to_header | {"realm": "my realm", "callback": "http://cb", "verifier": "v"}
    yield item("oauth1", more)
    yield item("oauth1", more | {"disableHeaderEncoding": True})
    for empty_ones in (True, False):
        for request in (GET, FORM_POST):
            changes = {"token": "", "tokenSecret": "", "version": "", "addEmptyParamsToSign": empty_ones}
            yield item("oauth1", base | changes, **request)
    yield item("oauth1", base, **FORM_POST)
    yield item("oauth1", to_header, **FORM_POST)
    hashed = base | {"includeBodyHash": True}
    for request in (GET, JSON_POST, FORM_POST, FORM_POST | {"method": "PATCH"}):
        yield item("oauth1", hashed, **request)
    for request in (*NOT_SENT, MULTIPART, FORM_OF_NOTHING, {"body": {"mode": "formdata", "formdata": []}}):
        yield item("oauth1", hashed, **request)
    yield item("oauth1", base, **DISABLED | {"body": {**FORM_POST["body"], "disabled": True}})
    yield item("oauth1", base, **FORM_POST | {"body": {"mode": "urlencoded", "urlencoded": []}})
    # As in JavaScript, a text that says no is a yes.
    yield item("oauth1", base | {"addParamsToHeader": "false", "includeBodyHash": "false"})
    yield item("oauth1", to_header, header=[{"key": "authorization", "value": "typed"}])
    yield item("oauth1", base, "/?a=%&oauth_token=old")
    yield item("oauth1", base, "/?a=%ff")
    yield item("oauth1", to_header, '/<p>?q="x"', {"disableUrlEncoding": True})
    every_one = base | {"addEmptyParamsToSign": True}
    yield item("oauth1", every_one | {"signatureMethod": ""})
    yield item("oauth1", {name: every_one[name] for name in every_one if name not in ("token", "version")})
    yield item("oauth1", {"consumerKey": "alone"})


def awsv4() -> Iterator[dict[str, Any]]:
    base = {"accessKey": "AK", "secretKey": "SK", "region": "eu-west-1"}
    fields = [*DATED, {"key": "X-B", "value": "b  c"}, {"key": "x-a", "value": "1"}]
    path = "/a//b/../c/./d%20e+f?b=2&a=1&a=0&c&X-Amz-Expires=100"
    for service in ("s3", "", "execute-api", "email"):
        for request in (GET, JSON_POST, TEXT_POST, FORM_POST):
            yield item("awsv4", base | {"service": service}, header=fields, **request)
        for in_query in (True, False):
            changes = {"service": service, "sessionToken": "st/+=", "addAuthDataToQuery": in_query}
            yield item("awsv4", base | changes, header=DATED)
            yield item("awsv4", base | changes, path, header=DATED, **JSON_POST)
    for request in (*NOT_SENT, FORM_OF_NOTHING, MULTIPART, GRAPHQL):
        yield item("awsv4", base, header=DATED, **request)
    text = {"key": "Content-Type", "value": "text/plain"}
    yield item("awsv4", base, header=[*DATED, text], **FORM_POST)
    yield item("awsv4", base, '/<p>?q="x"', {"disableUrlEncoding": True}, header=DATED)
    yield item("awsv4", base | {"region": "a/b"}, header=DATED)
    yield item("awsv4", {}, header=DATED)


def digest() -> Iterator[dict[str, Any]]:
    base = {
        "username": "u",
        "password": "p",
        "realm": "r",
        "nonce": "n",
        "nonceCount": "00000001",
        "clientNonce": "cn",
        "opaque": "o",
    }
    for algorithm in ("MD5", "SHA-256", "SHA-512-256", "", "made-up"):
        for session in ("", "-sess") if algorithm else ("",):
            for qop in ("", "auth", "auth-int"):
                yield item("digest", base | {"algorithm": algorithm + session, "qop": qop}, **JSON_POST)
    yield item("digest", base | {"qop": "auth-int"}, **FORM_POST)
    for request in (*NOT_SENT, FORM_OF_NOTHING, MULTIPART, GRAPHQL):
        yield item("digest", base | {"qop": "auth-int"}, **request)
    yield item("digest", base, '/<p>?q="x"', {"disableUrlEncoding": True})
    yield item("digest", base | {"qop": "auth", "nonceCount": ""})
    yield item("digest", base | {"algorithm": "made-up"}, header=[{"key": "Authorization", "value": "typed"}])
    yield item("digest", {name: value for name, value in base.items() if name != "password"})
    yield item("digest", {"username": "u", "password": "p"})


def hawk() -> Iterator[dict[str, Any]]:
    base = {"authId": "id", "authKey": "k", "algorithm": "sha256", "nonce": "abc", "timestamp": "1700000000"}
    hashed = base | {"includePayloadHash": True}
    content_type = [{"key": "Content-Type", "value": "text/X; charset=a"}]
    yield item("hawk", base)
    yield item("hawk", base | {"extraData": 'a"b\\c', "app": "app", "delegation": "d"})
    yield item("hawk", base | {"app": "app"})
    yield item("hawk", hashed | {"algorithm": "sha1"}, **JSON_POST)
    yield item("hawk", hashed, header=content_type, **TEXT_POST)
    yield item("hawk", hashed, **FORM_POST)
    yield item("hawk", hashed)
    for request in (*NOT_SENT, FORM_OF_NOTHING, MULTIPART, GRAPHQL):
        yield item("hawk", hashed, **request)
    yield item("hawk", hashed, header=content_type, **FORM_POST)
    yield item("hawk", base, "/it's|here?it's")
    yield item("hawk", base, '/<p>?q="x"', {"disableUrlEncoding": True})
    yield item("hawk", base | {"algorithm": "made-up"})
    yield item("hawk", {"authId": "id", "authKey": "k"})
    yield item("hawk", {"authId": "alone"})


def edgegrid() -> Iterator[dict[str, Any]]:
    base = {
        "accessToken": "at",
        "clientToken": "ct",
        "clientSecret": "cs",
        "nonce": "n",
        "timestamp": "20231120T10:00:00+0000",
    }
    fields = [{"key": "X-A", "value": " a  b "}, {"key": "x-B", "value": ""}]
    changes = {"headersToSign": "X-A, x-b,X-C", "baseURL": "https://h.example:99/x", "maxBodySize": 3}
    yield item("edgegrid", base)
    yield item("edgegrid", base, **JSON_POST)
    yield item("edgegrid", base, **JSON_POST | {"method": "PUT"})
    yield item("edgegrid", base | changes, header=fields, **JSON_POST)
    yield item("edgegrid", base | {"baseURL": "h.example"}, **FORM_POST)
    for request in (*NOT_SENT, FORM_OF_NOTHING, MULTIPART, GRAPHQL):
        yield item("edgegrid", base, **request)
    yield item("edgegrid", base | changes, header=[*fields, {"key": "X-A", "value": "2"}])
    yield item("edgegrid", base | {"maxBodySize": "all"}, **JSON_POST)
    yield item("edgegrid", base, '/<p>?q="x"', {"disableUrlEncoding": True})
    yield item("edgegrid", {"accessToken": "alone"})


def tokens() -> Iterator[dict[str, Any]]:
    jwt = {
        "algorithm": "HS256",
        "secret": "secret",
        "payload": '{"b":1.0,"a":"é","c":[1,2.5,{"x":null}]}',
        "header": '{"kid":"k","typ":"JWT"}',
    }
    yield item("jwt", jwt)
    for changes in (
        {"algorithm": "HS512", "isSecretBase64Encoded": True, "secret": "c2VjcmV0"},
        {"headerPrefix": "Tok"},
        {"headerPrefix": ""},
        {"addTokenTo": "queryParam", "queryParamKey": "q"},
        {"addTokenTo": "queryParam"},
        {"algorithm": "RS256", "privateKey": PKCS8},
        {"algorithm": "RS512", "privateKey": PKCS8},
        {"algorithm": "none"},
        {"addTokenTo": "made-up"},
        {"payload": None},
        {"secret": ""},
        {"payload": "no JSON"},
        {"payload": "[1]"},
        {"payload": "", "header": ""},
    ):
        yield item("jwt", jwt | changes)
    claims = {"jti": "j", "iat": 1700000000, "exp": 1800000000, "x": 1}
    asap = {"alg": "RS256", "kid": "k", "iss": "i", "aud": "a", "privateKey": PKCS8}
    asap |= {"claims": json.dumps(claims)}
    yield item("asap", asap)
    for changes in (
        {"sub": "s", "alg": "RS384"},
        {"privateKey": f"data:application/pkcs8;kid=k;base64,{DER}"},
        {"privateKey": f"data:application/pkcs8;kid=other;base64,{DER}"},
        {"iss": ""},
        {"kid": 5, "sub": 6, "aud": ["x"]},
        {"claims": json.dumps(claims | {"iss": "ci", "kid": "ck", "aud": ["x", "y"]})},
    ):
        yield item("asap", asap | changes)
    yield item("bearer", {"token": ""})
    yield item("bearer", {"token": 0})
    for changes in ({}, {"headerPrefix": ""}, {"headerPrefix": " Tok "}, {"tokenType": "MAC"}):
        yield item("oauth2", {"accessToken": "t", **changes})
    in_query = {"accessToken": "t/+=&", "addTokenTo": "queryParams"}
    yield item("oauth2", in_query, "/?access_token=old&a=1")
    yield item("oauth2", {"accessToken": "t", "addTokenTo": "made-up"})
    yield item("oauth2", in_query | {"accessToken": "it's"}, "/", {"disableUrlEncoding": True})
    typed = [{"key": "authorization", "value": "typed"}]
    for changes in ({"addTokenTo": "queryParams"}, {"addTokenTo": "made-up"}, {"tokenType": "MAC"}):
        yield item("oauth2", {"accessToken": "t", **changes}, header=typed)
    yield item("oauth2", {})


def keys() -> Iterator[dict[str, Any]]:
    yield item("basic", {"username": "ü", "password": ""})
    earlier = [{"key": "x-k", "value": "old"}, {"key": "xK", "value": "old"}]
    yield item("apikey", {"key": "X-K", "value": "v"}, header=earlier)
    yield item("apikey", {"key": "q", "value": "v é&=", "in": "query"})
    yield item("apikey", {"key": "", "value": "v"})
    yield item("apikey", {"key": "k", "value": ""})
    yield item("apikey", {"key": "k", "in": "query"})
    yield item("apikey", {"key": "k", "value": "it's=&#", "in": "query"}, "/", {"disableUrlEncoding": True})
    yield item("made-up", {"key": "k"})


ITEMS = {scheme.__name__: list(scheme()) for scheme in (oauth1, awsv4, digest, hawk, edgegrid, tokens, keys)}


@pytest.fixture(scope="module")
def sent() -> dict[str, list[tuple[WireForm, WireForm]]]:
    """What Newman and we send for each item, all in one run."""
    every = [given for items in ITEMS.values() for given in items]
    with RawServer() as server:
        text = json.dumps(collection(every)).replace("$PORT", str(server.port))
        newman = map(wire_form, sent_by_newman(server, json.loads(text)))
        ours = map(wire_form, sent_by_us(server, json.loads(text)))
        pairs = iter(list(zip(newman, ours, strict=True)))
    return {scheme: [next(pairs) for _ in items] for scheme, items in ITEMS.items()}


@pytest.mark.parametrize("scheme", ITEMS)
def test_it_authorizes_as_newman_does(scheme: str, sent: dict[str, list[tuple[WireForm, WireForm]]]) -> None:
    for given, (newman, ours) in zip(ITEMS[scheme], sent[scheme], strict=True):
        assert ours == newman, given["request"]["auth"]
