"""Calls HEARTBEAT_URL while everything works, so that somebody outside notices when nothing here can.

Whoever answers under that URL, such as healthchecks.io or Dead Man's Snitch, notifies the operator when the
calls stop.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from integrations import http
from integrations.base import DeliveryError
from integrations.models import Delivery, Installation
from integrations.registry import all_providers
from monitors import health

log = logging.getLogger(__name__)

MAX_SWEEP_AGE = timedelta(minutes=1)
MAX_DELAY = timedelta(minutes=2)
"""How long an event that pages may be due without an attempt to send it."""


def call(now: datetime) -> None:
    """Call every minute. The log says why the URL is not called."""
    if not settings.HEARTBEAT_URL:
        return
    if found := [*health.problems(now), *_problems_of_deliveries(now)]:
        log.error("HEARTBEAT_URL is not called. %s", " ".join(found))
        return
    try:
        response = http.get(settings.HEARTBEAT_URL)
    except DeliveryError as problem:
        log.error("HEARTBEAT_URL could not be called: %s", problem)
        return
    if not response.ok:
        log.error("HEARTBEAT_URL responded with status %s.", response.status_code)


def _problems_of_deliveries(now: datetime) -> list[str]:
    found = []
    last = Installation.this().last_sweep_at
    if last is None or abs(now - last) > MAX_SWEEP_AGE:
        found.append("The sweep of deliveries does not run.")
    # Held deliveries wait because the operator wants it.
    if not settings.HOLD_DELIVERIES and _is_behind(now):
        found.append("Deliveries are behind: events for providers are due and were not sent.")
    return found


def _is_behind(now: datetime) -> bool:
    """Whether an event that pages waits. The receivers of other events may be slow, and they are tenants'."""
    paging = [provider.slug for provider in all_providers() if provider.opens_incidents]
    waiting = Delivery.objects.due(now - MAX_DELAY).filter(provider__in=paging)
    return waiting.first_of_stream().exists()
