"""Middleware for all pages: the person's time zone, and a page for a missing encryption key."""

import logging
import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from workspaces.fields import SecretUnreadable

log = logging.getLogger(__name__)


class UnreadableSecretMiddleware:
    """Answers for pages that cannot be shown without a secret. Most pages handle it where they show it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, SecretUnreadable):
            return None
        log.error("%s %s: %s", request.method, request.path, problem)
        return render(request, "unreadable.html", {"problem": problem}, status=503)


class TimeZoneMiddleware:
    """Activates the time zone of the browser, which a script of the page keeps in a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(browser_zone(request)):
            return self.get_response(request)


def browser_zone(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    name = request.COOKIES.get("timezone", "")
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError for a folder of zones
        return None
