"""Adds the headers that Postman's runner adds, and those that follow from URL, body and cookies."""

from __future__ import annotations

import uuid
from urllib.parse import unquote

from monitors.runner.http.auth.basic import basic_credentials
from monitors.runner.http.message import Behavior, OutgoingRequest
from monitors.runner.http.url_parts import UrlParts

# Servers distinguish clients by it, so it names the version of postman-runtime that is imitated here.
USER_AGENT = "PostmanRuntime/7.39.1"

# Without a body, Node sends no `Content-Length: 0` for these methods.
WITHOUT_LENGTH = {"GET", "HEAD", "TRACE", "DELETE", "CONNECT", "OPTIONS"}


def add_system_headers(request: OutgoingRequest, behavior: Behavior) -> None:
    """Add the headers that the request does not have and that `disabledSystemHeaders` does not disable."""
    if request.content_type is not None:
        headers = request.headers
        add = headers.set if request.replaces_content_type else headers.add_missing
        add("Content-Type", request.content_type)
    for name, value in (
        ("User-Agent", USER_AGENT),
        ("Accept", "*/*"),
        ("Cache-Control", "no-cache"),
        ("Postman-Token", str(uuid.uuid4())),
        ("Host", UrlParts.of(request.url).authority),
        ("Accept-Encoding", "gzip, deflate, br"),
        ("Connection", "keep-alive"),
    ):
        if name.lower() not in behavior.disabled_system_headers:
            request.headers.add_missing(name, value)


def add_hop_headers(request: OutgoingRequest, behavior: Behavior) -> None:
    """Add what each hop of a redirect needs: host, credentials of the URL, length of the body."""
    parts = UrlParts.of(request.url)
    disabled = behavior.disabled_system_headers
    if "host" not in disabled:
        request.headers.add_missing("Host", parts.authority)
    if parts.userinfo is not None:
        username, _, password = parts.userinfo.partition(":")
        credentials = basic_credentials(unquote(username), unquote(password))
        request.headers.add_missing("Authorization", credentials)
    if "content-length" in disabled:
        return
    if request.body:
        request.headers.add_missing("Content-Length", str(len(request.body)))
    elif request.method not in WITHOUT_LENGTH:
        request.headers.add_missing("Content-Length", "0")


def show_late_fields(shown: OutgoingRequest, sent: OutgoingRequest) -> None:
    """Copy the headers of a hop that Postman shows to scripts, but not the credentials of the URL."""
    for name in ("Content-Length", "Cookie"):
        value = sent.headers.get(name)
        if value is not None:
            shown.headers.set(name, value)


def framed_body(request: OutgoingRequest) -> bytes | None:
    """The body's bytes on the wire: one chunk where the user asks for `Transfer-Encoding: chunked`."""
    if not request.body:
        return None
    if "chunked" not in (request.headers.get("Transfer-Encoding") or "").lower():
        return request.body
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(request.body), request.body)


def add_cookies(request: OutgoingRequest, cookies: str, typed: str | None) -> None:
    """Add the jar's cookies after those that the user typed, as postman-request does."""
    if not cookies:
        return
    together = f"{typed}; {cookies}" if typed else cookies
    name = next((key for key, _ in request.headers if key.lower() == "cookie"), "Cookie")
    request.headers.replace(name, together)
