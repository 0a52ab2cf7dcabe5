"""Celery tasks. They carry ids only; the database holds the truth."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from integrations import downtime, holding, outbox, reconciling, rejections, summaries

# Fewer than the process has threads (Procfile): the rest go on scheduling while a provider is slow to answer.
sending = threading.BoundedSemaphore(12)
# What pages nobody gets half of them at most: a slow receiver or mail server holds up no page.
sending_without_paging = threading.BoundedSemaphore(6)
# A moment at first, since many a rush is over by then.
SECONDS_WITHOUT_ROOM = (0.1, 1)


@shared_task(ignore_result=True)
def deliver(delivery_id: int, pages: bool = True, turn: int = 0) -> None:
    """Sends one event, if it is its turn."""
    with place(pages=pages) as has_room:
        if has_room:
            outbox.deliver(delivery_id)
        else:
            seconds = SECONDS_WITHOUT_ROOM[min(turn, len(SECONDS_WITHOUT_ROOM) - 1)]
            deliver.apply_async((delivery_id, pages, turn + 1), countdown=seconds)


@contextmanager
def place(*, pages: bool) -> Iterator[bool]:
    """Takes a place to send from, and gives it back. False when there is none."""
    with ExitStack() as taken:
        for places in (sending,) if pages else (sending_without_paging, sending):
            if not places.acquire(blocking=False):
                yield False
                return
            taken.callback(places.release)
        yield True


@shared_task(ignore_result=True)
def sweep_deliveries() -> None:
    """Sends what a lost message, a crash or a pause between attempts left waiting. Every few seconds."""
    now = timezone.now()
    holding.note(now)
    downtime.note_pulse(now)
    if settings.HOLD_DELIVERIES:
        return
    reconciling.reconcile(now)
    summaries.send_due(now)
    outbox.sweep(now)
    rejections.mail_owners()
