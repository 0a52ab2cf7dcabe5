"""HOLD_DELIVERIES: a restored copy notifies nobody, and nothing is lost in silence."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations import holding, tasks
from integrations.models import Action, Delivery, DeliveryStatus, Incident, Integration
from integrations.models.deliveries import HELD
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.conftest import client_of, signed_in
from tests.factories import make_user
from tests.integrations.email.test_email import make_email
from tests.integrations.factories import deliver_all, deliver_later, fail, make_all_due, succeed
from tests.integrations.webhook.conftest import Receiver, make_webhook, receiver
from workspaces.models import Role

pytestmark = pytest.mark.django_db
__all__ = ["receiver"]

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def hold(settings: Settings) -> None:
    settings.HOLD_DELIVERIES = True


def work() -> None:
    """What the processes do: the sweep, and each delivery that is due."""
    tasks.sweep_deliveries()
    for pk in Delivery.objects.due(timezone.now()).values_list("pk", flat=True):
        tasks.send_delivery(pk)


def end_the_hold(settings: Settings, *, after: timedelta = HOUR) -> None:
    Delivery.objects.update(created_at=timezone.now() - after)
    settings.HOLD_DELIVERIES = False
    tasks.sweep_deliveries()
    deliver_all()


@pytest.fixture
def webhook(monitor: Monitor, receiver: Receiver) -> Integration:
    return make_webhook(monitor, receiver.url)


@pytest.fixture
def mail(monitor: Monitor) -> Integration:
    return make_email(monitor, daily_summary=True)


class TestMeanwhile:
    def test_nothing_is_sent_and_all_of_it_waits(
        self,
        integration: Integration,
        webhook: Integration,
        mail: Integration,
        monitor: Monitor,
        standin: StandIn,
        receiver: Receiver,
        mailoutbox: list[Any],
    ) -> None:
        fail(monitor)
        webhook.send_test()
        Integration.objects.filter(pk=mail.pk).update(next_summary_at=timezone.now() - HOUR)
        Integration.objects.filter(pk=integration.pk).update(rejections=1, problem="Invalid key")
        make_all_due()
        work()
        assert (standin.events, receiver.requests, mailoutbox) == ([], [], [])
        assert {delivery.status for delivery in Delivery.objects.all()} == {DeliveryStatus.PENDING}
        assert {delivery.response_text for delivery in Delivery.objects.all()} == {HELD}

    def test_what_a_worker_began_before_waits_too(
        self, integration: Integration, monitor: Monitor, standin: StandIn, settings: Settings
    ) -> None:
        settings.HOLD_DELIVERIES = False
        standin.faults.add([{"status": 500}])
        fail(monitor)
        deliver_all()
        settings.HOLD_DELIVERIES = True
        make_all_due()
        work()
        assert Delivery.objects.get().attempts == 1

    def test_every_page_and_the_admin_say_so(
        self, as_viewer: Client, integration: Integration, settings: Settings
    ) -> None:
        operator = signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))
        pages = [
            (as_viewer, integration.workspace.get_absolute_url()),
            (as_viewer, integration.get_absolute_url()),
            (operator, reverse("admin:index")),
            (operator, reverse("admin:integrations_delivery_changelist")),
        ]
        for client, url in pages:
            assert "Deliveries are held." in client.get(url).content.decode(), url
        settings.HOLD_DELIVERIES = False
        for client, url in pages:
            assert "Deliveries are held." not in client.get(url).content.decode(), url

    def test_a_test_event_says_that_it_waits(
        self, as_editor: Client, integration: Integration, settings: Settings
    ) -> None:
        url = reverse("integrations:test", args=[integration.pk])
        plain = as_editor.post(url, follow=True)
        assert "The test event is waiting. Held:" in plain.content.decode()
        progress = as_editor.post(url, headers={"HX-Request": "true"}, follow=True)
        assert HELD in progress.content.decode()
        answer = client_of(integration.workspace, Role.EDITOR).post(
            f"/api/v1/integrations/{integration.pk}/test/"
        )
        assert (answer.json()["status"], answer.json()["response_text"]) == ("pending", HELD)

    def test_a_worker_is_still_seen_to_be_at_work(self, as_viewer: Client, integration: Integration) -> None:
        work()
        assert "No worker is running" not in as_viewer.get(integration.get_absolute_url()).content.decode()

    def test_a_process_that_starts_says_so_in_its_log(self, caplog: pytest.LogCaptureFixture) -> None:
        holding.log_start()
        assert caplog.record_tuples[0][1:] == (
            logging.WARNING,
            "HOLD_DELIVERIES is on: nothing is sent through any integration.",
        )


class TestAfterwards:
    def test_an_outage_that_is_over_pages_nobody(
        self, integration: Integration, monitor: Monitor, standin: StandIn, settings: Settings
    ) -> None:
        fail(monitor)
        work()
        succeed(monitor)
        end_the_hold(settings)
        assert standin.events == []
        assert Delivery.objects.get().status == DeliveryStatus.CANCELLED

    def test_one_that_may_last_pages_only_after_a_fresh_failed_run(
        self, integration: Integration, monitor: Monitor, standin: StandIn, settings: Settings
    ) -> None:
        fail(monitor)
        work()
        Monitor.objects.update(next_run_at=timezone.now() + HOUR)
        end_the_hold(settings)
        assert standin.events == []
        assert Incident.objects.get().closed_because == "held"
        monitor.refresh_from_db()
        assert monitor.next_run_at is not None
        assert monitor.next_run_at <= timezone.now()
        fail(monitor)
        deliver_all()
        assert len(standin.open_incidents) == 1

    def test_a_message_that_comes_before_the_first_sweep_sends_nothing_outdated(
        self, integration: Integration, monitor: Monitor, standin: StandIn, settings: Settings
    ) -> None:
        fail(monitor)
        work()
        Delivery.objects.update(created_at=timezone.now() - HOUR)
        settings.HOLD_DELIVERIES = False
        tasks.send_delivery(Delivery.objects.get().pk)
        assert standin.events == []

    def test_an_incident_that_was_open_before_is_resolved(
        self, integration: Integration, monitor: Monitor, standin: StandIn, settings: Settings
    ) -> None:
        settings.HOLD_DELIVERIES = False
        fail(monitor)
        deliver_all()
        settings.HOLD_DELIVERIES = True
        work()
        succeed(monitor)
        assert len(standin.open_incidents) == 1
        end_the_hold(settings)
        assert standin.open_incidents == []

    def test_a_webhook_gets_its_results_late(
        self, webhook: Integration, monitor: Monitor, receiver: Receiver, settings: Settings
    ) -> None:
        fail(monitor)
        work()
        end_the_hold(settings)
        assert [body["result"] for body in receiver.bodies] == ["failure"]

    def test_mail_about_an_outage_that_is_over_is_cancelled(
        self, mail: Integration, monitor: Monitor, mailoutbox: list[Any], settings: Settings
    ) -> None:
        fail(monitor)
        succeed(monitor)
        work()
        end_the_hold(settings)
        assert mailoutbox == []
        assert {delivery.status for delivery in Delivery.objects.all()} == {DeliveryStatus.CANCELLED}
        assert {delivery.response_text for delivery in Delivery.objects.all()} == {holding.OUTAGE_OVER}

    def test_mail_about_an_outage_that_lasts_is_sent(
        self, mail: Integration, monitor: Monitor, mailoutbox: list[Any], settings: Settings
    ) -> None:
        fail(monitor)
        work()
        Monitor.objects.update(failing_since=timezone.now() - HOUR)
        end_the_hold(settings)
        assert len(mailoutbox) == 1

    @pytest.mark.parametrize(("action", "days"), [(Action.RESULT, 1), (Action.RESOLVE, 7)])
    def test_what_is_older_than_it_would_be_tried_for_is_given_up_in_the_run_log(
        self, webhook: Integration, monitor: Monitor, settings: Settings, action: Action, days: int
    ) -> None:
        fail(monitor)
        work()
        Delivery.objects.update(action=action)
        end_the_hold(settings, after=timedelta(days=days, minutes=1))
        assert (Delivery.objects.get().status, Delivery.objects.get().response_text) == (
            DeliveryStatus.GIVEN_UP,
            holding.EXPIRED,
        )

    def test_a_test_event_that_waited_too_long_is_given_up_and_over(
        self, integration: Integration, standin: StandIn, settings: Settings
    ) -> None:
        integration.send_test()
        work()
        end_the_hold(settings, after=timedelta(minutes=11))
        assert standin.events == []
        assert Delivery.objects.get().status == DeliveryStatus.GIVEN_UP
        assert not Incident.objects.get().is_open

    def test_what_comes_next_is_sent_as_ever(
        self, integration: Integration, monitor: Monitor, standin: StandIn, settings: Settings
    ) -> None:
        work()
        end_the_hold(settings)
        fail(monitor)
        deliver_later()
        assert len(standin.open_incidents) == 1
