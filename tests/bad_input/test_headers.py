"""Header fields and cookies on each route, of who is signed in and of who is not."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.addresses import routes
from tests.bad_input.visitors import Visitor
from workspaces.models import User, Workspace

ALL = routes()
LONG = "x" * 8000
DIGITS = "9" * 6000

# What http.cookies quotes arrives as the character itself: here NUL, a line break and a half of a pair.
COOKIE_VALUES = [
    "Europe",
    "../../etc/passwd",
    "/etc/passwd",
    ".",
    "a/../b",
    r'"a\000b"',
    r'"a\012b"',
    LONG,
    "é",
    '"',
]
COOKIES = ["timezone", "sessionid", "csrftoken", "messages", "theme"]

HEADERS: dict[str, list[str]] = {
    "Accept": ["*/*;q=a", "application/json; indent=" + DIGITS, "/", LONG, "a/b;" * 500, 'text/html;x="'],
    "Accept-Language": ["xx;q=a", "de-" + LONG, "é"],
    "Accept-Encoding": ["gzip;q=nan", LONG],
    "Authorization": ["Basic !", "Bearer", "é", LONG],
    "Content-Length": ["abc", "-1", DIGITS, "٣"],
    "Content-Type": [
        "application/json; charset=utf-7",
        "application/x-www-form-urlencoded; charset=utf-7",
        "text/html; charset=zlib",
        "text/html; charset*=utf-8''%FF",
        "multipart/form-data",
        "multipart/form-data; boundary=" + LONG,
        "multipart/form-data; boundary=é",
        "/",
    ],
    "Forwarded": ["for=[", LONG],
    "Host": ["[", "a b", "x" * 300, "127.0.0.1:" + DIGITS, "é"],
    "HX-Request": ["true"],
    "HX-Current-URL": ["http://[", "é", LONG],
    "HX-Current-URL-URI-AutoEncoded": ["true"],
    "HX-Trigger": ["é", LONG],
    "HX-Target": ["%FF"],
    "HX-Prompt": ["%FF"],
    "If-Match": ["*", '"', "W/", LONG, "é", DIGITS],
    "If-None-Match": ["*", '"', LONG, "é"],
    "If-Modified-Since": ["Thu, 99 Jan 99999 99:99:99 GMT", "Sat, 31 Feb 2026 10:00:00 GMT", DIGITS],
    "If-Unmodified-Since": ["Sat, 31 Feb 2026 10:00:00 GMT"],
    "Origin": ["http://[", "null", "é", LONG],
    "Range": ["bytes=9-1", "bytes=" + DIGITS + "-", "a=b"],
    "Referer": ["http://[", "é", LONG],
    "User-Agent": ["é", LONG],
    "X-Api-Key": ["é", "pw_" + LONG, "\udce9".encode(errors="surrogateescape").decode("latin-1")],
    "X-CSRFToken": ["é", LONG],
    "X-Forwarded-For": ["a, b", "999.999.999.999", "[", DIGITS, "é"],
    "X-Forwarded-Host": ["[", "é"],
    "X-Forwarded-Port": [DIGITS],
    "X-Forwarded-Proto": ["https", "é"],
    "X-HTTP-Method-Override": ["DELETE"],
    "X-Requested-With": ["XMLHttpRequest"],
}


def cases() -> list[tuple[str, dict[str, str]]]:
    """A header, or a cookie, at a time; and with htmx's mark, by which pages answer with a part."""
    found = [
        (f"{name}: {value[:40]}", {"HTTP_" + name.upper().replace("-", "_"): value})
        for name, values in HEADERS.items()
        for value in values
    ]
    for case in found:
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if value := case[1].pop(f"HTTP_{name}", ""):
                case[1][name] = value
    for name in COOKIES:
        found += [(f"{name}={value[:40]}", {"HTTP_COOKIE": f"{name}={value}"}) for value in COOKIE_VALUES]
    return found


ADDRESSES = ["/accounts/login/", "/admin/", "/nowhere/", "/w/acme/", "/api/v1/monitors/", "/static/x.svg"]
"""With one of each kind of view; all routes are tried with what is most telling."""


FOR_STRANGERS = ("/accounts/login/", "/nowhere/")


def sent(client: Any, method: str, path: str, extra: dict[str, str]) -> str:
    """What failed."""
    if "HTTP_COOKIE" in extra:
        extra = {"HTTP_COOKIE": f"{extra['HTTP_COOKIE']}; {client.cookies.output(header='', sep=';')}"}
    answer = client.generic(method, path, **extra)
    if answer.status_code < 500:
        return ""
    error = getattr(answer, "exc_info", None)
    return f"{method} {path}: {error and error[1]!r}"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_any_header_may_be_anything(visitor: Visitor, method: str) -> None:
    stranger = Client(raise_request_exception=False, enforce_csrf_checks=True)
    failures = []
    for path in ADDRESSES:
        client = visitor.api if path.startswith("/api/v1/") else visitor.pages
        for what, extra in cases():
            for who in (stranger,) if path in FOR_STRANGERS else (client,):
                if problem := sent(who, method, path, extra):
                    failures.append(f"{problem} with {what}")
    assert not failures, "\n".join(failures)


def test_all_routes_bear_the_most_telling_ones(visitor: Visitor) -> None:
    extra = {
        "HTTP_COOKIE": r'timezone=Europe; messages="a\000b"',
        "HTTP_HX_REQUEST": "true",
        "HTTP_HX_CURRENT_URL": "http://[",
        "HTTP_IF_MATCH": "é",
        "HTTP_REFERER": "http://[",
        "HTTP_ORIGIN": "http://[",
        "HTTP_ACCEPT": "application/json; indent=" + DIGITS,
    }
    failures = []
    for route in ALL:
        for method in route.methods:
            failures.append(sent(visitor.client(route), method.upper(), visitor.address(route), extra))
            visitor.pages.force_login(visitor.owner)
    assert not any(failures), "\n".join(filter(None, failures))


@pytest.mark.parametrize("value", COOKIE_VALUES)
def test_a_time_zone_that_does_not_exist_is_ignored(
    as_owner: Client, workspace: Workspace, value: str
) -> None:
    as_owner.cookies["timezone"] = "UTC"
    right = as_owner.get("/w/acme/")
    as_owner.cookies.load(f"timezone={value}")
    assert as_owner.get("/w/acme/").status_code == right.status_code == 200


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/monitors/"])
@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "latin-1", "zlib", "nothing"])
def test_a_charset_other_than_utf_8_is_refused_with_a_sentence(db: None, path: str, charset: str) -> None:
    client: Any = APIClient() if path.startswith("/api/") else Client()
    for media_type in ("application/x-www-form-urlencoded", "application/json"):
        answer = client.generic("POST", path, "a=+AGE-", f"{media_type}; charset={charset}")
        assert answer.status_code == 415
        assert "Send text in UTF-8" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/w/acme/monitors/?q=%00", "/api/schema/?version=%00", "/w/acme/%00/", "/%00"]
)
def test_a_nul_character_in_an_address_is_refused_with_a_sentence(as_owner: Client, path: str) -> None:
    answer = as_owner.get(path)
    assert answer.status_code == 400
    assert "NUL character" in answer.content.decode()


def test_a_session_that_cannot_be_one_is_none(workspace: Workspace, owner: User) -> None:
    client = Client()
    answer = client.get("/w/acme/", HTTP_COOKIE=r'sessionid="aaaaaaaa\000aaaaaaaa"')
    assert answer["Location"].startswith("/accounts/login/")
