"""No list, object or message takes more than linear time, however many members somebody gives it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from monitors.outline import outline
from monitors.runner import load_collection, load_variables
from monitors.runner.bodies import Files, build_body
from monitors.runner.header_json import headers_from_json, with_disabled
from monitors.runner.http.auth import AuthContext, scheme_for
from monitors.runner.http.cookies import CookieJar
from monitors.runner.http.headers import Headers
from monitors.runner.http.message import Auth, OutgoingRequest, SignedBody
from monitors.runner.http.redirects import resolve
from monitors.runner.http.response_parser import ResponseParser
from monitors.runner.http.url_parts import UrlParts
from monitors.runner.javascript import object_order
from monitors.runner.masking import SecretMask
from monitors.runner.recorder import Recorder
from monitors.runner.sandbox.console import console_line
from monitors.runner.sandbox.wire import Inbox, frame
from monitors.runner.url import QueryParam, Url
from monitors.runner.variables import Resolver, VariableScope
from tests.linear.growth import grows_too_fast
from workspaces.json_values import strip_unstorable

MANY = 3000
JSON_FIELD = Headers([("Content-Type", "application/json")])


def body(mode: str, given: Any) -> object:
    return build_body({"mode": mode, mode: given}, "POST", JSON_FIELD, Files())


def signed(kind: str, parameters: dict[str, Any], url: str = "http://host/", headers: Any = ()) -> None:
    request = OutgoingRequest("POST", url, Headers(headers), b"", signed_body=SignedBody("raw", b"x", True))
    scheme = scheme_for(Auth(kind, parameters))
    next(scheme.flow(request, AuthContext(lambda request: no_token())))


def no_token() -> Any:
    raise ValueError


def for_token(send_as: str, count: int) -> None:
    own = [{"key": f"k{number}", "value": "v", "send_as": send_as} for number in range(count)]
    signed("oauth2", {**OAUTH2, "tokenRequestParams": own})


def for_akamai(count: int) -> None:
    names = [f"k{number}" for number in range(count)]
    signed("edgegrid", {**EDGE, "headersToSign": names}, headers=[(name, "v") for name in names])


def parsed(sent: bytes, step: int = 64 * 1024, lenient: bool = False) -> object:
    parser = ResponseParser("GET", lenient)
    for at in range(0, len(sent), step):
        parser.feed(sent[at : at + step])
    return parser.take_body()


def cookies(count: int) -> None:
    jar = CookieJar()
    for number in range(min(count, 8000)):
        jar.receive(f"name{number}=value; Path=/{number}", "http://host/a")
    jar.for_url("http://host/")


def masked(count: int) -> None:
    secrets = [f"secret-{number}" for number in range(200)]
    SecretMask(secrets).text("secret-" * count + "…")


def recorded(count: int) -> None:
    recorder = Recorder("name", ())
    recorder.add_secrets(f"secret-{number}" for number in range(count))
    recorder.console("log", "secret-" * count)


OAUTH2 = {"grant_type": "client_credentials", "accessTokenUrl": "http://host/"}
AWS = {"accessKey": "a", "secretKey": "b"}
EDGE = {"accessToken": "a", "clientToken": "b", "clientSecret": "c"}
OAUTH1 = {"consumerKey": "a", "consumerSecret": "b", "signatureMethod": "HMAC-SHA1"}

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

WORK: dict[str, Callable[[int], object]] = {
    "a raw body of quotes": lambda n: body("raw", '"\\' * n + "//"),
    "a raw body of comments": lambda n: body("raw", "/*" * n + "//"),
    "a form": lambda n: body("urlencoded", [{"key": str(k), "value": "v"} for k in range(n)]),
    "a form of one name": lambda n: body("urlencoded", [{"key": "k", "value": "v"}] * n),
    "a multipart form": lambda n: body("formdata", [{"key": str(k), "value": "v"} for k in range(n)]),
    "variables of GraphQL": lambda n: body("graphql", {"variables": {str(k): k for k in range(n)}}),
    "header fields": lambda n: headers_from_json([{"key": f"k{k}", "value": "v"} for k in range(n)]),
    "header fields as sent": lambda n: with_disabled(
        [(f"k{k}", "v") for k in range(n)], [{"key": f"k{k}"} for k in reversed(range(n))]
    ),
    "header fields that were not sent": lambda n: with_disabled(
        [(f"k{k}", "v") for k in range(n)], [{"key": f"x{k}"} for k in range(n)]
    ),
    "members of an object": lambda n: object_order([*map(str, range(n)), "9" * n]),
    "a URL of parts": lambda n: str(Url.from_json({"host": ["h"] * n, "path": [":p"] * n})),
    "a URL with variables": lambda n: str(Url.parse("http://h/" + "{{a.b}}" * n)),
    "a URL with placeholders": lambda n: str(Url.parse("http://h/" + "{{a.b}}\U000f0001" * n)),
    "query parameters": lambda n: str(QueryParam("{{&" * n, "{{#" * n)),
    "a Location": lambda n: resolve(UrlParts.of("http://host/a"), "a" * n + ":"),
    "a Set-Cookie": lambda n: CookieJar().receive("a=b" + ";x" * n, "http://host/"),
    "cookies": cookies,
    "a path to sign for AWS": lambda n: signed("awsv4", AWS, "http://h" + "/a" * n * 3 + "/.." * n * 3),
    "a query to sign for AWS": lambda n: signed("awsv4", AWS, "http://h/?" + "a=b&" * n),
    "header fields to sign for Akamai": for_akamai,
    "a query to sign for OAuth 1": lambda n: signed("oauth1", OAUTH1, "http://h/?" + "a=b&" * n),
    "parameters of a request for a token": lambda n: for_token("request_url", n),
    "header fields of a request for a token": lambda n: for_token("request_header", n),
    "claims of a token": lambda n: signed(
        "jwt", {"algorithm": "HS256", "secret": "s", "payload": {str(k): k for k in range(n)}}
    ),
    "a response's header": lambda n: parsed(OK + b"a:b\r\n" * n),
    "a response's long header": lambda n: parsed(OK + b"a:" + b"b" * n, step=1),
    "folded header fields": lambda n: parsed(OK + b"a:b\r\n" + b" c\r\n" * n, lenient=True),
    "a response in small chunks": lambda n: parsed(CHUNKED + b"1\r\na\r\n" * n + b"0\r\n\r\n"),
    "a body byte by byte": lambda n: parsed(OK + b"\r\n" + b"a" * n, step=1),
    "informational responses": lambda n: parsed(b"HTTP/1.1 100 Continue\r\n\r\n" * n),
    "variables": lambda n: VariableScope().apply({"stream": [[str(k), k] for k in range(n)]}),
    "variables set and unset": lambda n: VariableScope().apply({"stream": [["k", 1], ["k"]] * n}),
    "references to variables": lambda n: Resolver([VariableScope()]).text("{{a}}" * n + "{{" * n),
    "variables in variables": lambda n: Resolver(
        [load_variables([{"key": str(k), "value": f"{{{{{k + 1}}}}}"} for k in range(n)])]
    ).text("{{0}}" * n),
    "a collection": lambda n: load_collection(collection(n)),
    "a collection's outline": lambda n: outline(collection(n)).request_count,
    "an environment": lambda n: load_variables([{"key": str(k), "value": "v"} for k in range(n)]),
    "a long text with secrets": masked,
    "secrets that turn up": recorded,
    "a wide value on the console": lambda n: printed([[str(k) for k in range(1, n)], *[[]] * n]),
    "a deep value on the console": lambda n: printed([["1"], *[[str(k + 2)] for k in range(n)], []]),
    "one value many times on the console": lambda n: printed([["1"], ["2"] * n, ["3"] * n, ["4"] * n, []]),
    "a Map on the console": lambda n: printed([["_0"], ["M" + json.dumps([[["1", "1"]] * n, 1])]]),
    "messages": lambda n: unpacked(frame("x") * n),
    "texts to store": lambda n: strip_unstorable([{"\0": "\ud800"}] * n),
}  # fmt: skip


def collection(count: int) -> dict[str, Any]:
    return {"info": {}, "item": [{"request": "http://h/"}] * count}


def printed(entries: list[Any]) -> object:
    return console_line("log", json.dumps(entries))


def unpacked(data: bytes) -> None:
    inbox = Inbox()
    inbox.feed(data)
    while inbox.pop(100) is not None:
        pass


@pytest.mark.parametrize("name", WORK)
def test_it_takes_linear_time(name: str) -> None:
    def work(size: int) -> None:
        with contextlib.suppress(Exception):  # refusing is fine, as long as it is quick
            WORK[name](size)

    assert grows_too_fast(work, MANY) is None
