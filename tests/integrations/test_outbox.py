"""How events leave: in order, one at a time, again and again until they are taken."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations import outbox
from integrations.models import Action, Delivery, DeliveryStatus, Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.factories import make_monitor
from tests.integrations.factories import (
    OTHER_KEY,
    deliver_all,
    deliver_later,
    fail,
    make_integration,
    only_delivery,
    seconds_until,
    succeed,
    use_other_key,
)
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db


def test_an_accepted_event_is_recorded_with_the_response(integration: Integration, monitor: Monitor) -> None:
    run = fail(monitor)
    deliver_all()
    delivery = only_delivery()
    assert (delivery.status, delivery.attempts, delivery.response_status) == (DeliveryStatus.ACCEPTED, 1, 202)
    assert (delivery.run, delivery.monitor, delivery.integration) == (run, monitor, integration)


@pytest.mark.parametrize(
    ("fault", "answer", "in_doubt"),
    [
        ({"status": 500}, "An error occurred", True),
        ({"status": 429}, "arriving too quickly", False),
        ({"drop": True}, "connection was closed", True),
    ],
)
def test_what_may_pass_is_tried_again(
    integration: Integration,
    monitor: Monitor,
    standin: StandIn,
    fault: dict[str, object],
    answer: str,
    in_doubt: bool,
) -> None:
    standin.faults.add([fault])
    fail(monitor)
    deliver_all()
    delivery = only_delivery()
    assert (delivery.status, delivery.in_doubt) == (DeliveryStatus.PENDING, in_doubt)
    assert answer in delivery.response_text
    assert 24 <= seconds_until(delivery) <= 36
    deliver_later()
    assert only_delivery().status == DeliveryStatus.ACCEPTED
    assert len(standin.incidents) == 1


def test_it_waits_as_long_as_it_is_asked_to(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 429, "retry_after": 90}])
    fail(monitor)
    deliver_all()
    assert 89 <= seconds_until(only_delivery()) <= 108


def test_it_does_not_wait_for_ever(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    standin.faults.add([{"status": 429, "retry_after": 1_000_000}])
    fail(monitor)
    deliver_all()
    assert seconds_until(only_delivery()) <= 1800 * 1.2


def test_the_pauses_grow(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    standin.faults.add([{"status": 500, "times": 3}])
    fail(monitor)
    pauses = []
    for _ in range(3):
        deliver_later()
        pauses.append(seconds_until(only_delivery()))
    assert pauses == [pytest.approx(30, abs=7), pytest.approx(60, abs=13), pytest.approx(120, abs=25)]


def test_an_incident_of_pagerdutys_downtime_arrives_later(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.stop()
    fail(monitor)
    deliver_all()
    assert only_delivery().response_text == "Could not connect."
    standin.start()
    deliver_later()
    assert len(standin.open_incidents) == 1


def test_it_gives_up_after_a_day(integration: Integration, monitor: Monitor, standin: StandIn) -> None:
    standin.faults.add([{"status": 500, "times": 2}])
    fail(monitor)
    Delivery.objects.update(created_at=timezone.now() - timedelta(hours=25))
    deliver_all()
    assert only_delivery().status == DeliveryStatus.GIVEN_UP


@pytest.mark.parametrize("last", [{"status": 500}, {"status": 400}])
def test_an_outage_that_was_perhaps_never_sent_is_sent_by_its_next_failed_run(
    integration: Integration, monitor: Monitor, standin: StandIn, last: dict[str, object]
) -> None:
    standin.faults.add([{"status": 500}, last])
    fail(monitor)
    deliver_all()
    Delivery.objects.update(created_at=timezone.now() - timedelta(hours=25))
    deliver_later()
    assert only_delivery().is_finished
    fail(monitor)
    deliver_all()
    assert len(standin.open_incidents) == 1
    succeed(monitor)
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]


class TestTestEvent:
    """Whatever becomes of it, it leaves nothing open."""

    @pytest.mark.parametrize("last", [{"status": 500}, {"status": 400}])
    def test_one_that_perhaps_arrived_is_resolved(
        self, integration: Integration, standin: StandIn, last: dict[str, object]
    ) -> None:
        standin.faults.add([{"drop": "after"}, last])
        integration.send_test()
        deliver_all()
        Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=11))
        deliver_later()
        deliver_later()
        assert [incident["status"] for incident in standin.incidents] == ["resolved"]
        assert not Incident.objects.open().exists()

    def test_its_resolve_is_tried_for_as_long_as_every_other(
        self, integration: Integration, standin: StandIn
    ) -> None:
        integration.send_test()
        deliver_all()
        standin.faults.add([{"status": 500}])
        Delivery.objects.waiting().update(created_at=timezone.now() - timedelta(hours=1))
        deliver_later()
        assert len(standin.open_incidents) == 1
        deliver_later()
        assert standin.open_incidents == []


def test_the_resolve_waits_for_the_trigger(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    Delivery.objects.update(
        status=DeliveryStatus.SENDING,
        lease=uuid4(),
        leased_until=timezone.now() + timedelta(minutes=1),
        finished_at=None,
    )
    succeed(monitor)
    deliver_all()
    assert [event["body"]["event_action"] for event in standin.events] == ["trigger"]


def test_the_next_trigger_waits_for_the_resolve(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    standin.faults.add([{"status": 500}])
    succeed(monitor)
    deliver_all()
    fail(monitor)
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["triggered"]
    deliver_later()
    assert [incident["status"] for incident in standin.incidents] == ["resolved", "triggered"]


def test_what_waits_for_the_old_key_does_not_hold_up_the_new_one(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    standin.faults.add([{"status": 500, "times": 3}])
    use_other_key(integration)
    deliver_all()
    standin.faults.clear()
    fail(monitor)
    deliver_all()
    (first, second) = standin.incidents
    assert [first["status"], second["status"]] == ["triggered", "triggered"]
    assert second["routing_key"] == OTHER_KEY
    deliver_later()
    assert [incident["routing_key"] for incident in standin.open_incidents] == [OTHER_KEY]


def test_different_incidents_do_not_wait_for_each_other(workspace: Workspace, standin: StandIn) -> None:
    make_integration(workspace)
    standin.faults.add([{"status": 500}])
    for name in ("Checkout", "Search"):
        fail(make_monitor(workspace, name))
    deliver_all()
    assert len(standin.open_incidents) == 1


def test_a_worker_that_died_while_sending_is_made_up_for(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    Delivery.objects.update(
        status=DeliveryStatus.SENDING,
        lease=uuid4(),
        leased_until=timezone.now() - timedelta(seconds=1),
        attempts=1,
    )
    deliver_all()
    assert (only_delivery().status, only_delivery().attempts) == (DeliveryStatus.ACCEPTED, 2)


def test_a_trigger_that_a_dead_worker_may_have_sent_is_resolved(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    # The provider took it, and the worker died before it could record that.
    Delivery.objects.update(
        status=DeliveryStatus.SENDING,
        lease=uuid4(),
        leased_until=timezone.now() - timedelta(seconds=1),
        finished_at=None,
    )
    succeed(monitor)
    deliver_all()
    assert [incident["status"] for incident in standin.incidents] == ["resolved"]


def test_a_delivery_is_sent_once_however_often_it_is_asked_for(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    for _ in range(3):
        outbox.deliver(only_delivery().pk)
    assert len(standin.events) == 1


def test_the_sweep_finds_what_the_broker_lost(
    integration: Integration, monitor: Monitor, django_capture_on_commit_callbacks: object
) -> None:
    fail(monitor)
    assert outbox.sweep() == 0
    Delivery.objects.update(message_sent_at=timezone.now() - timedelta(seconds=11))
    assert outbox.sweep() == 1
    assert outbox.sweep() == 0


def test_the_sweep_finds_what_is_due_again(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    standin.faults.add([{"status": 500}])
    fail(monitor)
    deliver_all()
    assert outbox.sweep() == 0
    assert outbox.sweep(timezone.now() + timedelta(seconds=37)) == 1


class TestLimit:
    """A key takes about 120 calls a minute; we stay below, and resolves go first."""

    @pytest.fixture
    def busy(self, workspace: Workspace, standin: StandIn) -> Integration:
        integration = make_integration(workspace)
        for number in range(2):
            fail(make_monitor(workspace, f"Monitor {number}"))
        deliver_all()
        return integration

    def test_it_holds_triggers_back(
        self, busy: Integration, standin: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(busy.get_provider()), "calls_per_minute", 2)
        fail(make_monitor(busy.workspace, "One too many"))
        deliver_all()
        assert len(standin.events) == 2
        held = Delivery.objects.waiting().get()
        assert held.attempts == 0
        assert 55 <= seconds_until(held) <= 62

    def test_waiting_resolves_go_first(
        self, busy: Integration, standin: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(busy.get_provider()), "calls_per_minute", 3)
        fail(make_monitor(busy.workspace, "Newly failing"))
        succeed(Monitor.objects.get(name="Monitor 0"))
        deliver_all()
        assert [event["body"]["event_action"] for event in standin.events] == [
            "trigger",
            "trigger",
            "resolve",
        ]


class TestConstraints:
    def test_two_open_incidents_of_one_monitor_are_impossible(
        self, integration: Integration, monitor: Monitor
    ) -> None:
        Incident.open_for(integration, monitor)
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.open_for(integration, monitor)

    def test_two_events_of_one_incident_on_their_way_are_impossible(
        self, integration: Integration, monitor: Monitor
    ) -> None:
        incident = Incident.open_for(integration, monitor)
        for _ in range(2):
            incident.enqueue(Action.TRIGGER, {})
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.update(status=DeliveryStatus.SENDING, lease=uuid4(), leased_until=timezone.now())

    def test_an_outage_without_a_monitor_is_impossible(self, integration: Integration) -> None:
        with pytest.raises(ValueError):
            Incident.open_for(integration, None)
