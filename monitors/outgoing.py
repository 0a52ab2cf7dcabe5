"""Requests of Postwatch itself. Egress rules and proxy are those of collections, the header fields are not
Postman's."""

import time

from django.conf import settings

from monitors.runner.http import Behavior, EgressPolicy, HttpClient, IncomingResponse, OutgoingRequest

USER_AGENT = "Postwatch"
HEADERS_OF_POSTMAN = frozenset({"postman-token", "cache-control"})


def send(
    request: OutgoingRequest, *, seconds: float, max_response_bytes: int, follow_redirects: bool = False
) -> IncomingResponse:
    """Sends the request and reads its response within `seconds` in all. Raises RequestFailed."""
    request.headers.add("User-Agent", USER_AGENT)
    behavior = Behavior(
        follow_redirects=follow_redirects,
        disable_cookies=True,
        disabled_system_headers=HEADERS_OF_POSTMAN,
    )
    with HttpClient(
        EgressPolicy.from_text(settings.EGRESS_ALLOW),
        deadline=time.monotonic() + seconds,
        max_response_bytes=max_response_bytes,
        proxy=settings.PROXY_URL or None,
    ) as client:
        return client.send(request, behavior=behavior).response
