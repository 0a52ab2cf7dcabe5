"""Redirects as postman-request follows them (lib/redirect.js)."""

from __future__ import annotations

import re
from dataclasses import replace

from monitors.runner.http.headers import Headers
from monitors.runner.http.message import Behavior, IncomingResponse, OutgoingRequest
from monitors.runner.http.url_parts import DEFAULT_PORTS, UrlParts
from monitors.runner.url import Url

ABSOLUTE = re.compile(r"https?:")
ANY_PROTOCOL = re.compile(r"[a-z0-9.+-]+:(?://|\\\\).", re.IGNORECASE)


def redirect_location(response: IncomingResponse, behavior: Behavior) -> str | None:
    """The Location to follow, as the server wrote it; None where the response is final."""
    if not behavior.follow_redirects or not 300 <= response.status < 400:
        return None
    return response.headers.first("Location") or None


def redirected(request: OutgoingRequest, location: str, status: int, behavior: Behavior) -> OutgoingRequest:
    """The request of the next hop, its URL encoded, without the fields that are added for each hop."""
    before = UrlParts.of(request.url)
    url = Url.parse(resolve(before, location)).encode(behavior.disable_url_encoding)
    after = UrlParts.of(url)
    following = OutgoingRequest(request.method, url, Headers(request.headers), request.body)
    other_host = before.host != after.host
    if "host" not in behavior.disabled_system_headers:
        _set_host(following, after)
    if other_host and not behavior.follow_authorization_header:
        following.headers.discard("Authorization")
    if not behavior.follow_original_http_method and status not in (307, 308):
        _become_get(following)
    if not behavior.remove_referer_header_on_redirect:
        # To another host go no credentials; Newman sends them along.
        referer = replace(before, userinfo=None) if other_host else before
        following.headers.set("Referer", str(referer))
    return following


def resolve(base: UrlParts, location: str) -> str:
    """The absolute URL of a Location field (postman-url-encoder, resolveNodeUrl)."""
    if ABSOLUTE.match(location):
        return location
    if location.startswith(("//", "\\\\")):
        return f"{base.scheme}:{location}"
    if location.startswith(("/", "\\")):
        return _until_path(base) + location
    if location.startswith("#"):
        return str(replace(base, fragment=None)) + location
    if location.startswith("?"):
        return str(replace(base, query=None, fragment=None)) + location
    if ANY_PROTOCOL.match(location):
        return location
    return _until_path(base) + base.path[: base.path.rfind("/") + 1] + location


def _until_path(base: UrlParts) -> str:
    return str(replace(base, path="", query=None, fragment=None))


def _set_host(request: OutgoingRequest, url: UrlParts) -> None:
    """A Host header that the user typed applies only to the first hop."""
    default = url.port == str(DEFAULT_PORTS.get(url.scheme))
    request.headers.replace("Host", url.host if default else url.authority)


def _become_get(request: OutgoingRequest) -> None:
    if request.method != "HEAD":
        request.method = "GET"
    request.body = None
    request.headers.discard("Content-Type")
    request.headers.discard("Content-Length")


def drop_stale_cookies(request: OutgoingRequest, previous_url: str, typed: str | None) -> None:
    """Remove the cookies that the jar added for one host from the request to another.

    On the same host they stay even where the jar has none for the new path; there Newman sends them again.
    """
    if UrlParts.of(request.url).host == UrlParts.of(previous_url).host:
        return
    if typed is None:
        request.headers.discard("Cookie")
    elif request.headers.get("Cookie") is not None:
        request.headers.set("Cookie", typed)
