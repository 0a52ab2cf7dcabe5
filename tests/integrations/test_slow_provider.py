"""A provider that is slow to answer holds up its own events, and not the schedule nor other workspaces."""

import re
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from config.processes import procfile
from integrations import outbox, slots, tasks
from integrations.models import Delivery, DeliveryStatus, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.factories import make_monitor, make_user
from tests.integrations.factories import fail, make_integration
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def deliver(delivery: Delivery) -> None:
    pages = delivery.get_provider().opens_incidents
    tasks.send_delivery(delivery.pk, pages, workspace_id=delivery.workspace_id)


def delivery_of(monitor: Monitor) -> Delivery:
    fail(monitor)
    return Delivery.objects.filter(monitor=monitor).latest("id")


@pytest.fixture
def other_monitor(other_workspace: Workspace, standin: StandIn) -> Monitor:
    monitor = make_monitor(other_workspace)
    make_integration(other_workspace, monitor)
    return monitor


def taken_by(workspace: Workspace, stack: ExitStack, *, pages: bool = True) -> int:
    """How many slots the workspace gets that asks for more than there are."""
    pool = slots.paging if pages else slots.not_paging
    wishes = range(slots.SLOTS + 1)
    return sum(stack.enter_context(pool.slot(workspace.pk)) for _ in wishes)


def test_a_workspace_uses_all_slots_where_no_other_has_an_integration(integration: Integration) -> None:
    with ExitStack() as stack:
        assert taken_by(integration.workspace, stack) == slots.SLOTS


def test_it_uses_half_of_them_where_others_have_integrations(
    integration: Integration, other_monitor: Monitor
) -> None:
    with ExitStack() as stack:
        assert taken_by(integration.workspace, stack) == slots.SLOTS // 2
        assert taken_by(other_monitor.workspace, stack) == slots.SLOTS // 4


def test_two_busy_workspaces_leave_slots_for_a_third(
    integration: Integration, other_monitor: Monitor, standin: StandIn
) -> None:
    third = make_monitor(Workspace.create_with_owner("Third", make_user("third@example.com")))
    make_integration(third.workspace, third)
    delivery = delivery_of(third)
    with ExitStack() as stack:
        taken_by(integration.workspace, stack)
        taken_by(other_monitor.workspace, stack)
        deliver(delivery)
    assert len(standin.open_incidents) == 1


def test_an_event_that_finds_no_slot_waits_for_its_turn(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    delivery = delivery_of(monitor)
    with ExitStack() as stack:
        taken_by(monitor.workspace, stack)
        deliver(delivery)
        assert standin.events == []
    deliver(delivery)
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED


def test_one_that_waits_for_a_slot_has_one_message_in_the_broker(
    integration: Integration, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(
        tasks.send_delivery, "apply_async", lambda args, countdown: sent.append((args, countdown))
    )
    delivery = delivery_of(monitor)
    with ExitStack() as stack:
        taken_by(monitor.workspace, stack)
        deliver(delivery)
        for arguments, _ in sent:
            assert len(sent) < 10
            tasks.send_delivery(*arguments)
    # Then it is over, before the sweep takes it for lost and sends another.
    assert sum(countdown for _, countdown in sent) < 10


def test_where_more_wait_than_a_sweep_sends_each_gets_its_turn(
    integration: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SWEEP_BATCH", 2)
    for _ in range(3):
        integration.send_test()
    now = timezone.now()
    for seconds in (20, 40):
        assert outbox.sweep(now + timedelta(seconds=seconds)) == 2
    assert not Delivery.objects.filter(message_sent_at__lte=now).exists()


def test_many_that_wait_in_one_workspace_are_not_swept_before_those_of_another(
    integration: Integration, other_monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SWEEP_BATCH", 2)
    for _ in range(5):
        integration.send_test()
    waiting = delivery_of(other_monitor)
    later = timezone.now() + timedelta(seconds=20)
    assert outbox.sweep(later) == 2
    waiting.refresh_from_db()
    assert waiting.message_sent_at == later


def test_slow_receivers_and_mail_servers_hold_up_no_page(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    delivery = delivery_of(monitor)
    with ExitStack() as stack:
        assert taken_by(monitor.workspace, stack, pages=False) == slots.SLOTS // 2
        deliver(delivery)
    assert len(standin.open_incidents) == 1


def test_threads_are_left_for_scheduling() -> None:
    threads = re.search(r"--concurrency (\d+)", procfile()["dispatch"])
    assert threads
    assert int(threads[1]) >= slots.SLOTS + 4


def test_the_first_of_a_stream_is_found_without_reading_what_was_sent_before() -> None:
    query = Delivery.objects.due(timezone.now()).first_of_stream()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A table without rows is not worth an index.
            for other_way in ("seqscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET LOCAL enable_{other_way} = off")
    assert "deliveries_of_stream" in query.explain()
