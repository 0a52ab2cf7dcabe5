"""Rejects requests before anything reads them: by size, by charset, by NUL characters in the URL.

The sender may be a stranger, so these checks only look at the headers.
"""

import codecs
from collections.abc import Callable
from email.message import Message

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from config.errors import is_for_programs, sentence

MAX_ANONYMOUS_BYTES = 64 * 1024
"""Of a page's request by somebody who is not signed in: the forms there hold an address and a password."""

TOO_LARGE = "This is larger than {limit}. Send less at once."
NOT_UTF_8 = "Send text in UTF-8: the charset “{charset}” is not read here."
NUL_IN_ADDRESS = "The URL contains a NUL character (%00). Remove it."

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestLimitsMiddleware:
    """Comes first, before anything looks at the request's parameters, cookies or body."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if content_length(request) > settings.MAX_REQUEST_BYTES:
            return too_large(request, settings.MAX_REQUEST_BYTES)
        if charset := other_charset(request):
            return refusal(request, NOT_UTF_8.format(charset=charset), 415)
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return refusal(request, NUL_IN_ADDRESS, 400)
        ignore_cookies_with_control_characters(request)
        return self.get_response(request)


class AnonymousBodyMiddleware:
    """Refuses a large body from somebody who is not signed in before it is read, for its CSRF token for one.

    The API reads no body before it knows the key.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_large = content_length(request) > MAX_ANONYMOUS_BYTES
        if is_large and not is_for_programs(request) and SESSION_KEY not in request.session:
            return too_large(request, MAX_ANONYMOUS_BYTES)
        return self.get_response(request)


def content_length(request: HttpRequest) -> int:
    """As the server counts it: a body without a length, or with one that is no number, is not read at all."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def other_charset(request: HttpRequest) -> str:
    """The charset that the request's content is said to be in, when that is not UTF-8."""
    header = Message()
    header["Content-Type"] = request.META.get("CONTENT_TYPE", "").replace("\r", "").replace("\n", "")
    charset = header.get_param("charset", "utf-8")
    name = charset if isinstance(charset, str) else charset[2]
    try:
        return "" if codecs.lookup(name).name in ("utf-8", "ascii") else name
    except (LookupError, ValueError):
        return name


def ignore_cookies_with_control_characters(request: HttpRequest) -> None:
    """A cookie may quote them ("\\000"), and no database looks up a session by such a name."""
    for name, value in list(request.COOKIES.items()):
        if not value.isprintable():
            del request.COOKIES[name]


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    size = f"{limit // 1024**2} MB" if limit >= 1024**2 else f"{limit // 1024} KB"
    return refusal(request, TOO_LARGE.format(limit=size), 413)


def refusal(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """JSON for programs; for people a page that needs nothing of the request."""
    if is_for_programs(request):
        return sentence(text, status)
    return HttpResponse(render_to_string("refused.html", {"sentence": text}), status=status)
