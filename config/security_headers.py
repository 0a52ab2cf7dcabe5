"""Header fields that tell browsers what a page may do, and who may keep it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SecurityHeadersMiddleware:
    """WhiteNoise says by itself how long its files, which are the same for everybody, may be kept."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        # Also of pages without anything private, for a form has a token of its visitor.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
