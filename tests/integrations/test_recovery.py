"""After downtime of our own, and after refusals of the provider, things end up right."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import outbox, tasks
from integrations.models import Delivery, DeliveryStatus, Incident, Installation, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.integrations.factories import deliver_all, deliver_later, fail, succeed

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def last_sweep(ago: timedelta) -> None:
    Installation.this().record_sweep(timezone.now() - ago)


def make_older(age: timedelta) -> None:
    Delivery.objects.update(created_at=timezone.now() - age)


class TestDowntime:
    @pytest.fixture
    def unsent(self, integration: Integration, monitor: Monitor) -> Incident:
        """An outage that was found an hour ago, just before everything stopped."""
        fail(monitor)
        make_older(HOUR)
        last_sweep(HOUR)
        Monitor.objects.update(next_run_at=timezone.now() + HOUR)
        return Incident.objects.get()

    def test_outdated_triggers_page_nobody(self, unsent: Incident, standin: StandIn) -> None:
        tasks.sweep_deliveries()
        deliver_all()
        assert standin.events == []
        unsent.refresh_from_db()
        assert unsent.closed_because == "outdated"

    def test_nor_before_the_first_sweep(self, unsent: Incident, standin: StandIn) -> None:
        tasks.send_delivery(unsent.deliveries.get().pk)
        assert standin.events == []

    def test_the_monitor_runs_at_once(self, unsent: Incident, monitor: Monitor) -> None:
        tasks.sweep_deliveries()
        monitor.refresh_from_db()
        assert monitor.next_run_at is not None
        assert monitor.next_run_at <= timezone.now()

    def test_a_fresh_failed_run_pages(self, unsent: Incident, monitor: Monitor, standin: StandIn) -> None:
        tasks.sweep_deliveries()
        fail(monitor)
        deliver_all()
        assert len(standin.open_incidents) == 1

    def test_what_may_have_arrived_before_is_resolved(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        standin.faults.add([{"drop": "after"}])
        fail(monitor)
        deliver_all()
        make_older(HOUR)
        last_sweep(HOUR)
        tasks.sweep_deliveries()
        deliver_later()
        assert [incident["status"] for incident in standin.incidents] == ["resolved"]

    def test_what_was_accepted_before_stays_open(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        last_sweep(HOUR)
        tasks.sweep_deliveries()
        deliver_all()
        assert len(standin.open_incidents) == 1

    def test_resolves_go_out_however_old(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        succeed(monitor)
        make_older(HOUR)
        last_sweep(HOUR)
        tasks.sweep_deliveries()
        deliver_all()
        assert standin.open_incidents == []

    def test_a_restart_is_no_downtime(self, unsent: Incident, standin: StandIn) -> None:
        last_sweep(timedelta(seconds=30))
        tasks.sweep_deliveries()
        deliver_all()
        assert len(standin.open_incidents) == 1


class TestRefusedResolve:
    @pytest.fixture
    def refused(self, integration: Integration, monitor: Monitor, standin: StandIn) -> Delivery:
        fail(monitor)
        deliver_all()
        standin.faults.add([{"status": 400}])
        succeed(monitor)
        deliver_all()
        return Delivery.objects.get(status=DeliveryStatus.REJECTED)

    def let_pass(self, time: timedelta) -> None:
        Delivery.objects.update(finished_at=timezone.now() - time)

    def test_it_is_sent_again_after_a_while(self, refused: Delivery, standin: StandIn) -> None:
        tasks.sweep_deliveries()
        assert len(standin.open_incidents) == 1
        self.let_pass(7 * HOUR)
        tasks.sweep_deliveries()
        tasks.sweep_deliveries()
        deliver_all()
        assert standin.open_incidents == []
        assert len(standin.events) == 3

    def test_not_once_the_monitor_fails_again(
        self, refused: Delivery, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        self.let_pass(7 * HOUR)
        tasks.sweep_deliveries()
        deliver_all()
        assert len(standin.open_incidents) == 1

    def test_not_for_ever(self, refused: Delivery, standin: StandIn) -> None:
        Incident.objects.update(closed_at=timezone.now() - 31 * 24 * HOUR)
        self.let_pass(7 * HOUR)
        tasks.sweep_deliveries()
        assert not Delivery.objects.unfinished().exists()


def test_an_incident_that_lost_its_integration_is_closed(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    fail(monitor)
    deliver_all()
    Incident.objects.update(integration=None)
    tasks.sweep_deliveries()
    deliver_all()
    assert standin.open_incidents == []


class TestMailToOwners:
    def test_a_rejection_is_mailed_once(
        self, integration: Integration, monitor: Monitor, standin: StandIn, mailoutbox: list[object]
    ) -> None:
        standin.faults.add([{"status": 400, "times": 2, "errors": ["Invalid routing key"]}])
        for _ in range(2):
            fail(monitor)
            deliver_all()
            tasks.sweep_deliveries()
        (mail,) = mailoutbox
        assert mail.to == ["owner@acme.example"]  # type: ignore[attr-defined]
        assert "Invalid routing key" in mail.body  # type: ignore[attr-defined]
        assert f"/integrations/{integration.pk}/edit/" in mail.body  # type: ignore[attr-defined]

    def test_the_next_trouble_is_mailed_again(
        self, integration: Integration, monitor: Monitor, standin: StandIn, mailoutbox: list[object]
    ) -> None:
        for _ in range(2):
            standin.faults.add([{"status": 400}])
            for _ in range(2):
                fail(monitor)
                deliver_all()
                tasks.sweep_deliveries()
            succeed(monitor)
            deliver_all()
        assert len(mailoutbox) == 2


class TestSendAgain:
    def test_a_rejected_resolve_can_be_sent_again(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        standin.faults.add([{"status": 400}])
        succeed(monitor)
        deliver_all()
        outbox.resend(Delivery.objects.get(status=DeliveryStatus.REJECTED))
        deliver_all()
        assert standin.open_incidents == []

    def test_a_trigger_of_an_outage_that_is_over_is_not_sent_again(
        self, integration: Integration, monitor: Monitor
    ) -> None:
        fail(monitor)
        trigger = Delivery.objects.get()
        deliver_all()
        succeed(monitor)
        deliver_all()
        trigger.refresh_from_db()
        assert outbox.resend(trigger) is None

    def test_a_resolve_does_not_close_the_next_outage(
        self, integration: Integration, monitor: Monitor
    ) -> None:
        fail(monitor)
        deliver_all()
        succeed(monitor)
        deliver_all()
        resolve = Delivery.objects.get(action="resolve")
        fail(monitor)
        deliver_all()
        assert outbox.resend(resolve) is None


def test_a_worker_is_seen_by_its_sweeps() -> None:
    assert not Installation.this().has_worker
    tasks.sweep_deliveries()
    assert Installation.this().has_worker
