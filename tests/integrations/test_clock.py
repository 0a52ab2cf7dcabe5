"""The machine's clock is set back: no delivery waits until the clock has caught up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integrations import outbox, tasks
from integrations.models import Delivery, DeliveryStatus, Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.integrations.factories import (
    deliver_all,
    fail,
    make_integration,
    only_delivery,
    seconds_until,
    succeed,
)
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
TWO_HOURS = timedelta(hours=2)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def sweep(self, seconds: int = 0) -> None:
        """The sweeps of so many seconds, and then what workers make of the messages."""
        for _ in range(seconds // 10 + 1):
            tasks.sweep_deliveries()
            deliver_all()
            self.now += timedelta(seconds=10)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def failed_attempt(integration: Integration, monitor: Monitor, standin: StandIn) -> Delivery:
    """It is tried again in half a minute."""
    standin.faults.add([{"status": 500}])
    fail(monitor)
    deliver_all()
    return only_delivery()


def test_a_pause_of_before_does_not_hold_back_a_page(
    failed_attempt: Delivery, standin: StandIn, clock: Clock
) -> None:
    clock.now -= TWO_HOURS
    clock.sweep()
    assert len(standin.open_incidents) == 1


def test_nor_does_one_that_no_pause_explains(
    failed_attempt: Delivery, standin: StandIn, clock: Clock
) -> None:
    written_before = NOON - TWO_HOURS
    Delivery.objects.update(
        created_at=written_before, last_attempt_at=written_before, next_attempt_at=NOON + timedelta(days=365)
    )
    clock.sweep()
    assert len(standin.open_incidents) == 1


def test_an_event_that_was_never_tried_leaves_at_once(
    integration: Integration, monitor: Monitor, standin: StandIn, clock: Clock
) -> None:
    fail(monitor)
    clock.now -= TWO_HOURS
    clock.sweep()
    assert len(standin.open_incidents) == 1


def test_what_fails_again_keeps_the_pauses_of_the_new_time(
    failed_attempt: Delivery, standin: StandIn, clock: Clock
) -> None:
    standin.faults.add([{"status": 429, "retry_after": 1800, "times": 100}])
    clock.now -= TWO_HOURS
    clock.sweep(seconds=600)
    assert only_delivery().attempts == 2
    assert 1800 - 620 <= seconds_until(only_delivery()) <= 1800 * 1.2


def test_the_longest_pause_is_kept_where_the_clock_was_not_set(
    failed_attempt: Delivery, standin: StandIn, clock: Clock
) -> None:
    latest = NOON + timedelta(minutes=36)
    Delivery.objects.update(next_attempt_at=latest)
    clock.sweep()
    assert only_delivery().next_attempt_at == latest


def test_a_delivery_whose_worker_died_is_claimed_again_after_its_usual_lease(
    integration: Integration, monitor: Monitor, standin: StandIn, clock: Clock
) -> None:
    fail(monitor)
    assert outbox._claim(only_delivery().pk, clock.now)
    clock.now -= TWO_HOURS
    clock.sweep()
    assert standin.events == []
    clock.sweep(seconds=60)
    assert len(standin.open_incidents) == 1


def test_a_worker_that_sends_keeps_its_lease(
    integration: Integration, monitor: Monitor, clock: Clock
) -> None:
    fail(monitor)
    assert outbox._claim(only_delivery().pk, clock.now)
    leased_until = only_delivery().leased_until
    clock.sweep()
    assert (only_delivery().status, only_delivery().leased_until) == (DeliveryStatus.SENDING, leased_until)


def test_a_lost_message_is_sent_again(integration: Integration, monitor: Monitor, clock: Clock) -> None:
    fail(monitor)
    Delivery.objects.update(next_attempt_at=NOON - TWO_HOURS - timedelta(seconds=20))
    assert outbox.sweep(NOON - TWO_HOURS) == 1
    assert outbox.sweep(NOON - TWO_HOURS) == 0


def test_calls_of_before_do_not_count_for_the_limit_of_a_minute(
    integration: Integration, monitor: Monitor, standin: StandIn, clock: Clock
) -> None:
    for _ in range(100):
        integration.send_test()
    deliver_all()
    assert len(standin.events) == 100
    clock.now -= TWO_HOURS
    fail(monitor)
    clock.sweep(seconds=150)
    assert Incident.objects.without_tests().get().possibly_delivered


def test_a_reminder_does_not_wait_for_the_old_time(
    workspace: Workspace, monitor: Monitor, standin: StandIn, clock: Clock
) -> None:
    make_integration(workspace, monitor, remind_every_hours=1)
    fail(monitor)
    deliver_all()
    clock.now -= timedelta(days=365)
    for _ in range(2):
        fail(monitor)
        clock.sweep()
    assert len(standin.events) == 2


def test_a_rejected_resolve_is_sent_again_after_six_hours(
    integration: Integration, monitor: Monitor, standin: StandIn, clock: Clock
) -> None:
    fail(monitor)
    deliver_all()
    standin.faults.add([{"status": 400}])
    clock.now += timedelta(minutes=1)
    succeed(monitor)
    deliver_all()
    clock.now -= timedelta(days=20)
    clock.sweep()
    clock.now += timedelta(hours=6)
    clock.sweep()
    clock.sweep()
    assert standin.open_incidents == []


def test_a_summary_is_planned_again(workspace: Workspace, clock: Clock) -> None:
    config = {"recipients": ["ada@acme.example"], "stop_after": 3, "weekly_summary": True}
    integration = make_integration(workspace, provider="email", config=config)
    clock.now -= timedelta(days=365)
    clock.sweep()
    integration.refresh_from_db()
    assert integration.next_summary_at
    assert timedelta() < integration.next_summary_at - clock.now <= timedelta(days=8)
