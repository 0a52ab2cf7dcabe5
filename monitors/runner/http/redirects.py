"""Redirects as postman-request follows them (lib/redirect.js)."""

from __future__ import annotations

import re
from dataclasses import replace

from monitors.runner.http.headers import Headers
from monitors.runner.http.message import Behaviour, IncomingResponse, OutgoingRequest
from monitors.runner.http.url_parts import DEFAULT_PORTS, UrlParts
from monitors.runner.url import Url

ABSOLUTE = re.compile(r"https?:")
ANY_PROTOCOL = re.compile(r"[a-z0-9.+-]+:(?://|\\\\).", re.IGNORECASE)


def redirect_location(response: IncomingResponse, behaviour: Behaviour) -> str | None:
    """Where the response sends us, as the server wrote it; None when we stay."""
    if not behaviour.follow_redirects or not 300 <= response.status < 400:
        return None
    return response.headers.first("Location") or None


def redirected(request: OutgoingRequest, location: str, status: int, behaviour: Behaviour) -> OutgoingRequest:
    """The request of the next hop, its URL encoded, without the fields that each hop gets anew."""
    before = UrlParts.of(request.url)
    url = Url.parse(resolve(before, location)).encode(behaviour.disable_url_encoding)
    after = UrlParts.of(url)
    following = OutgoingRequest(request.method, url, Headers(request.headers), request.body)
    other_host = before.host != after.host
    if "host" not in behaviour.disabled_system_headers:
        _set_host(following, after)
    if other_host and not behaviour.follow_authorization_header:
        following.headers.discard("Authorization")
    if not behaviour.follow_original_http_method and status not in (307, 308):
        _become_get(following)
    if not behaviour.remove_referer_header_on_redirect:
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
    """A host that the user typed holds for the first hop alone."""
    default = url.port == str(DEFAULT_PORTS.get(url.scheme))
    request.headers.discard("Host")
    request.headers.add("Host", url.host if default else url.authority)


def _become_get(request: OutgoingRequest) -> None:
    if request.method != "HEAD":
        request.method = "GET"
    request.body = None
    request.headers.discard("Content-Type")
    request.headers.discard("Content-Length")


def drop_stale_cookies(request: OutgoingRequest, previous_url: str, typed: str | None) -> None:
    """Take the jar's cookies for the last host away from a request to another one.

    On the same host they stay even where the jar has none for the new path; there Newman sends them again.
    """
    if UrlParts.of(request.url).host == UrlParts.of(previous_url).host:
        return
    if typed is None:
        request.headers.discard("Cookie")
    elif request.headers.get("Cookie") is not None:
        request.headers.set("Cookie", typed)
