"""Redirects, cookies, header fields and behaviors: what reaches the server is what Newman sends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.monitors.runner.http.newman import (
    WireForm,
    collection,
    needs_newman,
    sent_by_newman,
    sent_by_us,
    wire_form,
)
from tests.monitors.runner.http.server import RawRequest, RawServer, response

pytestmark = needs_newman

Item = dict[str, Any]
JSON_BODY = {"mode": "raw", "raw": '{"a":1}', "options": {"raw": {"language": "json"}}}
FORM: Item = {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"}]}
MULTIPART: Item = {"mode": "formdata", "formdata": [{"key": "a", "value": "1", "type": "text"}]}
ELSEWHERE = "http://localhost:PORT/x"


def answer(request: RawRequest) -> bytes:
    """`/r/<status>?loc=…` redirects; `c=…` anywhere sets a cookie."""
    parts = urlsplit(request.target)
    query = parse_qs(parts.query, keep_blank_values=True)
    fields = [f"Set-Cookie: {cookie}" for cookie in query.get("c", [])]
    if not parts.path.startswith("/r/"):
        return response("ok", "200 OK", *fields)
    fields += [f"Location: {location}" for location in query.get("loc", [])]
    return response("moved", f"{parts.path.split('/')[2]} Moved", *fields)


def item(path: str, method: str = "GET", behavior: Item | None = None, **request: Any) -> Item:
    url = path if "://" in path else f"http://127.0.0.1:PORT{path}"
    request["header"] = [{"key": key, "value": value} for key, value in request.get("header", [])]
    made: Item = {"request": {"method": method, "url": url, **request}}
    return made | ({"protocolProfileBehavior": behavior} if behavior else {})


def redirect(location: str, status: int = 302, method: str = "GET", **more: Any) -> Item:
    return item(f"/r/{status}?loc={quote(location.replace('PORT', 'PORT'), safe='')}", method, **more)


def redirects() -> Iterator[Item]:
    for status in (300, 301, 302, 303, 304, 305, 307, 308, 399):
        for method in ("GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PROPFIND"):
            body = {"body": JSON_BODY} if method in ("POST", "PUT") else {}
            yield redirect("/x", status, method, **body)
    for behavior in (
        {"followOriginalHttpMethod": True},
        {"followAuthorizationHeader": True},
        {"removeRefererHeaderOnRedirect": True},
        {"maxRedirects": 0},
        {"maxRedirects": 1},
        {"followRedirects": False},
    ):
        for status in (302, 307):
            same_host = [("Authorization", "A"), ("Referer", "http://me/"), ("X", "1")]
            other_host = [("authorization", "A"), ("Host", "given.host"), ("Cookie", "c=1")]
            for location, header in (("/x", same_host), (ELSEWHERE, other_host)):
                more: Item = {"behavior": behavior, "body": JSON_BODY, "header": header}
                yield redirect(location, status, "POST", **more)
    for body in (FORM, MULTIPART):
        yield redirect("/x", 302, "POST", body=body)
        yield redirect("/x", 307, "POST", body=body)
    yield redirect("/r/302?loc=/y")
    yield redirect("/r/302?loc=/y", behavior={"maxRedirects": 1})
    yield item("http://us%20er:p%40ss@127.0.0.1:PORT/r/302?loc=/x")
    yield item("/r/302?loc=/x&loc=/y")


LOCATIONS = [
    *("rel", "?a=b", "#f", "/a b?c d", "//127.0.0.1:PORT/z", "../up", "./x/../y", "http:/x", "/é", " /sp"),
    *("HTTP://127.0.0.1:PORT/q", "/%zz?[x]={y}", "\\\\127.0.0.1:PORT\\z", "\\z", "http://127.0.0.1:PORT"),
    *("http://127.0.0.1:PORT?x", "mailto:x", "ftp://x/y", "/x#frag", "", "//", "javascript:x"),
    *("http://u:p@127.0.0.1:PORT/auth", "http://127.0.0.1:PORT/a//b///c"),
]
SET_COOKIES = [
    *("a=1", "b=2; Path=/p", "c=3; Path=/", "d=4; Domain=127.0.0.1", "e=5; Secure", "f=6; HttpOnly"),
    *("g=7; Max-Age=0", "h=8; Max-Age=100", "i=9; Expires=Wed, 01 Jan 2020 00:00:00 GMT"),
    *("j=10; Expires=Wed, 01 Jan 2040 00:00:00 GMT", "noeq", "=novalue", "k=v=w", 'l="quoted"', "m=sp ace"),
    *("n=; Path=", "__Host-a=1; Secure; Path=/", "__Host-b=1", "__Secure-c=1", "o=1; Domain=example.com"),
    *("p=1; Domain=.0.0.1", "q=1; SameSite=Strict", "r=1;;;Path=/p;", "s=ü", "t=1; Expires=garbage"),
    *("u=1; Max-Age=abc", "v=1; expires=Tue 01-Jan-40 10:00:00", "a=2", "w=1; Path=relative"),
]


def cookies() -> Iterator[Item]:
    for cookie in SET_COOKIES:
        yield item(f"/p/set?c={quote(cookie, safe='')}")
        yield item("/p/q/get")
    yield item("/p/q/get", header=[("Cookie", "mine=1")])
    yield item("/p/q/get", header=[("cookie", "mine=1; a=9"), ("cookie", "more=2")])
    yield item("/p/q/get", behavior={"disableCookies": True}, header=[("Cookie", "mine=1")])
    yield item("/p/set?c=nope=1", behavior={"disableCookies": True})
    for path in ("/p", "/", "/px", "/r/302?c=hop=1&c=a=;Max-Age=0&loc=/p/q"):
        yield item(path)
    for cookie in ("x=1", "y=1;Domain=localhost", "z=1;Secure"):
        yield item(f"http://localhost:PORT/p/set?c={cookie}")
        yield item(f"http://sub.localhost:PORT/p/set?c={cookie}")
    yield item("http://localhost:PORT/p/get")
    yield item("http://sub.localhost:PORT/p/get")


SYSTEM_HEADERS = [
    *("user-agent", "accept", "cache-control", "postman-token", "host", "accept-encoding", "connection"),
    *("content-type", "content-length"),
]
METHODS = [
    *(
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "PROPFIND",
        "COPY",
        "LINK",
        "PURGE",
    ),
    *("UNLOCK", "CUSTOM", "cust-om"),
]


def headers() -> Iterator[Item]:
    yield item("/h", header=[("X-A", "1"), ("X-A", "2"), ("x-a", "3"), ("X-B", ""), ("", "v")])
    yield item("/h", header=[(name.title(), "mine") for name in SYSTEM_HEADERS[:7]])
    for name in SYSTEM_HEADERS:
        off = {"disabledSystemHeaders": {name: True}}
        yield item("/h", "POST", off, body=JSON_BODY)
        yield item("/h", "POST", off, body=JSON_BODY, header=[(name, "7")])
    for method in METHODS:
        yield item("/h", method)
        yield item("/h", method, body=JSON_BODY)
    yield item("/h", behavior={"disableBodyPruning": True}, body=JSON_BODY)
    yield item("/h", "POST", header=[("Content-Length", "3")], body=JSON_BODY)
    yield item("/h", "POST", header=[("Content-Type", "x/y")], body=JSON_BODY)
    for body in (FORM, MULTIPART, {"mode": "raw", "raw": ""}):
        yield item("/h", "POST", body=body)
    for value in ("ü", "☃", "a\nb", "  pad  "):
        yield item("/h", header=[("X", value)])
    yield item("/h", "BAD METHOD")
    yield item("/a b", behavior={"disableUrlEncoding": True})


def sent_by_item(items: list[Item], requests: Iterable[RawRequest]) -> list[list[WireForm]]:
    sent: list[list[WireForm]] = [[] for _ in items]
    for request in requests:
        sent[int(request.field("X-Item") or 0)].append(wire_form(request))
    return sent


@pytest.mark.parametrize(
    "items",
    [list(redirects()), list(map(redirect, LOCATIONS)), list(cookies()), list(headers())],
    ids=["redirects", "locations", "cookies", "headers"],
)
def test_it_sends_what_newman_sends(items: list[Item]) -> None:
    for at, given in enumerate(items):
        given["request"]["header"].append({"key": "X-Item", "value": str(at)})
    with RawServer(answer) as server:
        text = json.dumps(collection(items)).replace("PORT", str(server.port))
        newman = sent_by_item(items, sent_by_newman(server, json.loads(text)))
        ours = sent_by_item(items, sent_by_us(server, json.loads(text)))
    for request, expected, sent in zip(items, newman, ours, strict=True):
        assert sent == expected, request
