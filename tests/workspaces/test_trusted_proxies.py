import logging
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from workspaces.trusted_proxies import TrustedProxyMiddleware

SECURE = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Forwarded": "for=1.2.3.4"}


@pytest.fixture(autouse=True)
def with_proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "2001:db8:ffff::/48"]


def arrive(peer: str, forwarded_for: str = "", **headers: str) -> HttpRequest:
    """The request as all else sees it."""
    if forwarded_for:
        headers["X-Forwarded-For"] = forwarded_for
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    TrustedProxyMiddleware(lambda request: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "visitor"),
    [
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("2001:db8:ffff::1", "2001:db8::7", "2001:db8::7"),
        ("203.0.113.66", "198.51.100.7", "203.0.113.66"),
        ("::ffff:203.0.113.66", "198.51.100.7", "203.0.113.66"),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_visitor_is_the_last_one_that_a_trusted_proxy_heard(
    peer: str, forwarded_for: str, visitor: str
) -> None:
    assert arrive(peer, forwarded_for).META["REMOTE_ADDR"] == visitor


def test_a_socket_file_has_to_be_trusted_by_its_word(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["unix"]
    assert arrive("", "198.51.100.7").META["REMOTE_ADDR"] == "198.51.100.7"
    assert arrive("203.0.113.66", "198.51.100.7").META["REMOTE_ADDR"] == "203.0.113.66"


def test_only_a_trusted_proxy_says_that_a_request_came_encrypted(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert arrive("10.0.0.1", **SECURE).is_secure()
    assert not arrive("203.0.113.66", **SECURE).is_secure()


def test_nothing_reads_the_headers_of_others() -> None:
    left = {name for name in arrive("203.0.113.66", "1.2.3.4", **SECURE).META if "FORWARDED" in name}
    assert left == set()


def test_an_operator_who_forgot_the_setting_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    middleware = TrustedProxyMiddleware(lambda request: HttpResponse())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            middleware(RequestFactory().get("/", headers={"X-Forwarded-For": "1.2.3.4"}))
    assert len(caplog.records) == 1
    assert "TRUSTED_PROXIES" in caplog.text


def test_what_is_no_network_is_refused(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["the office"]
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        arrive("10.0.0.1")
