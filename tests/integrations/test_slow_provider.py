"""A provider that is slow to answer holds up its own events, and not the schedule."""

import re
from contextlib import ExitStack

import pytest

from config.processes import procfile
from integrations import tasks
from integrations.models import Delivery, Integration, State
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.integrations.factories import fail

pytestmark = pytest.mark.django_db

SENDING_AT_ONCE = 12


def test_an_event_that_finds_no_room_waits_for_its_turn(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    delivery = Delivery.objects.get()
    for _ in range(SENDING_AT_ONCE):
        assert tasks.sending.acquire(blocking=False)
    tasks.deliver(delivery.pk)
    assert standin.events == []
    for _ in range(SENDING_AT_ONCE):
        tasks.sending.release()
    tasks.deliver(delivery.pk)
    assert Delivery.objects.get().state == State.ACCEPTED


def test_slow_receivers_and_mail_servers_hold_up_no_page(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    with ExitStack() as slow:
        rooms = [slow.enter_context(tasks.place(pages=False)) for _ in range(SENDING_AT_ONCE)]
        assert rooms.count(True) == SENDING_AT_ONCE // 2
        fail(monitor)
        tasks.deliver(Delivery.objects.get().pk)
    assert len(standin.open_incidents) == 1


def test_threads_are_left_for_scheduling() -> None:
    threads = re.search(r"--concurrency (\d+)", procfile()["dispatch"])
    assert threads
    assert int(threads[1]) >= SENDING_AT_ONCE + 4
