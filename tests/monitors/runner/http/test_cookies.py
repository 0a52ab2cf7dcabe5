"""The run's cookie jar: what scripts' `pm.cookies` see and change."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest

from monitors.runner.http import CookieJar, HttpClient, OutgoingRequest
from monitors.runner.http.set_cookie import parse_date
from tests.monitors.runner.http.server import RawServer, response

URL = "http://api.example.com/v1/things"


@pytest.fixture
def jar() -> CookieJar:
    jar = CookieJar()
    jar.receive("session=abc; Path=/v1; HttpOnly; Max-Age=60", URL)
    jar.receive(
        "site=1; Domain=example.com; Path=/; Secure; Priority=High", "https://api.example.com/v1/things"
    )
    return jar


def names(cookies: Iterable[Any]) -> list[str]:
    return [cookie.get("key") or cookie["name"] for cookie in cookies]


def test_scripts_see_the_cookies_of_the_last_url(client: HttpClient) -> None:
    with RawServer(lambda _: response("", "200 OK", "Set-Cookie: a=1; Path=/deep")) as server:
        assert client.send(OutgoingRequest("GET", f"{server.url}/")).cookies == []
        (cookie,) = client.send(OutgoingRequest("GET", f"{server.url}/deep/er")).cookies
    assert cookie == {
        "name": "a",
        "value": "1",
        "expires": None,
        "maxAge": None,
        "domain": "127.0.0.1",
        "path": "/deep",
        "secure": False,
        "httpOnly": False,
        "hostOnly": True,
        "extensions": None,
    }


def test_a_cookie_has_the_form_that_postmans_bundle_expects(jar: CookieJar) -> None:
    (cookie,) = jar.for_url("https://www.example.com/")
    assert cookie["domain"] == "example.com"
    assert (cookie["secure"], cookie["hostOnly"], cookie["extensions"]) == (True, False, ["Priority=High"])


def test_a_cookie_that_expires_tells_when(jar: CookieJar) -> None:
    cookie = next(cookie for cookie in jar.for_url(URL) if cookie["name"] == "session")
    assert str(cookie["expires"]).endswith("Z")
    assert cookie["maxAge"] == 60


def test_secure_cookies_stay_off_plain_connections(jar: CookieJar) -> None:
    assert names(jar.for_url(URL)) == ["session"]
    assert names(jar.for_url(URL.replace("http:", "https:"))) == ["session", "site"]


def test_a_cookie_ends_with_its_age() -> None:
    jar = CookieJar()
    jar.receive("short=1; Max-Age=1", URL)
    assert names(jar.for_url(URL)) == ["short"]
    time.sleep(1.05)
    assert jar.for_url(URL) == []


@pytest.mark.parametrize("lifetime", ["Max-Age=99999999999999999", "Expires=Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_cookie_for_ever_is_no_trouble(lifetime: str) -> None:
    jar = CookieJar()
    jar.receive(f"eternal=1; {lifetime}", URL)
    assert str(jar.for_url(URL)[0]["expires"]).startswith("9999")


def test_a_public_suffix_gets_no_cookies() -> None:
    jar = CookieJar()
    jar.receive("evil=1; Domain=com", "http://one.com/")
    assert jar.for_url("http://other.com/") == []


def test_the_store_finds_by_name_and_by_reach(jar: CookieJar) -> None:
    found = jar.store("findCookie", ["api.example.com", "/v1", "session"])
    assert found.items() >= {"key": "session", "value": "abc", "httpOnly": True, "maxAge": 60}.items()
    assert jar.store("findCookie", ["api.example.com", "/v1", "nothing"]) is None
    assert names(jar.store("findCookies", ["api.example.com", "/v1/x", True])) == ["session", "site"]
    assert names(jar.store("findCookies", ["api.example.com", None, True])) == ["session", "site"]
    assert names(jar.store("findCookies", ["www.example.com", "/", True])) == ["site"]
    assert jar.store("findCookies", ["", None, True]) == []


def test_the_store_takes_what_it_gave(jar: CookieJar) -> None:
    found = jar.store("findCookie", ["api.example.com", "/v1", "session"])
    jar.store("updateCookie", [found, found | {"value": "new"}])
    assert jar.store("findCookie", ["api.example.com", "/v1", "session"])["value"] == "new"
    assert names(jar.store("getAllCookies", [])) == ["session", "site"]


def test_a_cookie_that_a_script_puts_goes_out() -> None:
    jar = CookieJar()
    script_cookie = {"key": "s", "value": "1", "domain": "api.example.com", "path": "/", "hostOnly": True}
    jar.store("putCookie", [script_cookie])
    assert jar.header_for(URL) == "s=1"


@pytest.mark.parametrize(
    ("method", "arguments", "left"),
    [
        ("removeCookie", ["example.com", "/", "site"], ["session"]),
        ("removeCookie", ["example.com", "/", "other"], ["session", "site"]),
        ("removeCookies", ["api.example.com", None], ["site"]),
        ("removeCookies", ["api.example.com", "/other"], ["session", "site"]),
        ("removeAllCookies", [], []),
    ],
)
def test_the_store_removes(jar: CookieJar, method: str, arguments: list[Any], left: list[str]) -> None:
    assert jar.store(method, arguments) is None
    assert names(jar.store("getAllCookies", [])) == left


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("findCookie", []), ("putCookie", ["text"]), ("putCookie", [{"key": "a", "expires": "no date"}])],
)
def test_the_store_refuses_arguments_of_another_shape(
    jar: CookieJar, method: str, arguments: list[Any]
) -> None:
    with pytest.raises(ValueError) as raised:
        jar.store(method, arguments)
    assert str(raised.value) == f'runtime~CookieStore: error executing "{method}"'


def test_the_store_has_no_other_methods(jar: CookieJar) -> None:
    with pytest.raises(ValueError, match="CookieStore: invalid method name 'constructor'"):
        jar.store("constructor", [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 09 Jun 2021 10:18:14 GMT", "2021-06-09T10:18:14+00:00"),
        ("Wednesday, 09-Jun-21 10:18:14 GMT", "2021-06-09T10:18:14+00:00"),
        ("Wed Jun  9 10:18:14 2021", "2021-06-09T10:18:14+00:00"),
        ("9 juneau 99 1:2:3", "1999-06-09T01:02:03+00:00"),
        ("10:18:14 Jun 2021", None),
        ("Wed, 31 Feb 2021 25:00:00 GMT", None),
        ("", None),
    ],
)
def test_it_reads_dates_as_loosely_as_browsers(text: str, expected: str | None) -> None:
    parsed = parse_date(text)
    assert (parsed.isoformat() if parsed else None) == expected
