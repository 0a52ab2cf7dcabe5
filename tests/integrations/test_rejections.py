"""What providers answer to what they do not take, and what becomes of it."""

from smtplib import SMTPDataError
from typing import Any

import pytest
from django.core import mail

from integrations import outbox, rejections, tasks
from integrations.models import Action, Delivery, DeliveryStatus, Incident, Integration
from integrations.pagerduty.standin import StandIn
from monitors.models import Monitor
from tests.integrations.factories import (
    deliver_all,
    deliver_later,
    fail,
    make_integration,
    only_delivery,
    seconds_until,
    use_other_key,
)

pytestmark = pytest.mark.django_db


def test_an_error_of_our_own_is_recorded_and_tried_again(
    integration: Integration,
    monitor: Monitor,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("integrations.pagerduty.provider.http.post_json", lambda url, body: 1 / 0)
        fail(monitor)
        deliver_all()
    delivery = only_delivery()
    assert (delivery.status, delivery.response_text) == (DeliveryStatus.PENDING, outbox.SYSTEM_ERROR)
    assert 24 <= seconds_until(delivery) <= 36
    assert "ZeroDivisionError" in caplog.text
    deliver_later()
    assert len(standin.open_incidents) == 1


@pytest.mark.parametrize("words", ["nul \0", "half of a pair \ud83d", "much " * 100_000])
def test_whatever_the_provider_says_is_kept_as_far_as_it_can_be(
    integration: Integration, monitor: Monitor, standin: StandIn, words: str
) -> None:
    standin.faults.add([{"status": 400, "errors": [words]}])
    fail(monitor)
    deliver_all()
    delivery = only_delivery()
    assert delivery.status == DeliveryStatus.REJECTED
    assert delivery.response_text[:4] == words[:4]
    assert len(delivery.response_text) <= 1000
    integration.refresh_from_db()
    assert integration.problem == delivery.response_text


def test_a_key_that_the_provider_quotes_is_masked(
    integration: Integration, monitor: Monitor, standin: StandIn
) -> None:
    key = integration.config["integration_key"]
    standin.faults.add([{"status": 400, "errors": [f"No service has the key {key}"]}])
    fail(monitor)
    deliver_all()
    integration.refresh_from_db()
    assert only_delivery().response_text == integration.problem == f"No service has the key …{key[-4:]}"


class TestRejection:
    @pytest.fixture
    def rejected(self, integration: Integration, monitor: Monitor, standin: StandIn) -> Integration:
        standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}])
        fail(monitor)
        deliver_all()
        integration.refresh_from_db()
        return integration

    def test_it_is_final(self, rejected: Integration) -> None:
        assert only_delivery().status == DeliveryStatus.REJECTED
        assert not Incident.objects.open().exists()

    def test_the_integration_shows_the_providers_words(self, rejected: Integration) -> None:
        assert rejected.problem == "Invalid routing key"
        assert not rejected.is_broken

    def test_the_next_failed_run_tries_again(
        self, rejected: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        rejected.refresh_from_db()
        assert len(standin.open_incidents) == 1
        assert rejected.problem == ""

    def test_repeated_ones_break_the_integration(
        self, rejected: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        standin.faults.add([{"status": 400, "times": 9}])
        for _ in range(4):
            fail(monitor)
            deliver_all()
        rejected.refresh_from_db()
        assert rejected.is_broken
        assert len(standin.events) == 3

    def test_a_new_key_fixes_it(self, rejected: Integration) -> None:
        Integration.objects.update(rejections=3)
        rejected.refresh_from_db()
        rejected.config = rejected.config | {"region": "eu"}
        rejected.change()
        assert rejected.may_page

    def test_what_the_old_key_is_rejected_for_says_nothing_about_the_new_one(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}])
        use_other_key(integration)
        deliver_all()
        integration.refresh_from_db()
        assert Delivery.objects.get(action=Action.RESOLVE).status == DeliveryStatus.REJECTED
        assert (integration.rejections, integration.problem) == (0, "")

    def test_nor_does_what_the_old_key_is_granted(
        self, integration: Integration, monitor: Monitor, standin: StandIn
    ) -> None:
        fail(monitor)
        deliver_all()
        use_other_key(integration)
        Integration.objects.update(rejections=2)
        deliver_all()
        integration.refresh_from_db()
        assert Delivery.objects.get(action=Action.RESOLVE).status == DeliveryStatus.ACCEPTED
        assert integration.rejections == 2


class TestRejectedTest:
    """Who sends a test event sees what becomes of it; nothing was lost, so nobody else needs to know."""

    @pytest.fixture(autouse=True)
    def rejected(self, integration: Integration, standin: StandIn) -> None:
        standin.faults.add([{"status": 400, "errors": ["Invalid routing key"], "times": 3}])
        for _ in range(3):
            integration.send_test()
            deliver_all()
        integration.refresh_from_db()

    def test_the_integration_shows_the_providers_words_and_is_not_broken(
        self, integration: Integration
    ) -> None:
        assert (integration.problem, integration.is_broken) == ("Invalid routing key", False)

    def test_no_owner_is_mailed(self, mailoutbox: list[Any]) -> None:
        tasks.sweep_deliveries()
        assert mailoutbox == []

    def test_an_accepted_one_ends_it(self, integration: Integration) -> None:
        integration.send_test()
        deliver_all()
        integration.refresh_from_db()
        assert integration.problem == ""

    def test_owners_are_mailed_once_an_event_is_rejected(
        self, integration: Integration, monitor: Monitor, standin: StandIn, mailoutbox: list[Any]
    ) -> None:
        standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}])
        fail(monitor)
        deliver_all()
        tasks.sweep_deliveries()
        assert len(mailoutbox) == 1
        assert "Check the key:" in mailoutbox[0].body

    def test_a_mailbox_that_is_full_delays_no_other_mail(
        self,
        integration: Integration,
        monitor: Monitor,
        standin: StandIn,
        mailoutbox: list[Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        make_integration(monitor.workspace, name="Second")
        standin.faults.add([{"status": 400, "errors": ["Invalid routing key"]}] * 2)
        fail(monitor)
        deliver_all()
        mailoutbox.clear()
        Integration.objects.update(owners_notified_at=None)
        refusals = iter([SMTPDataError(452, b"4.3.1 Insufficient storage")])

        def refuse_the_first(*args: Any, **options: Any) -> None:
            for refusal in refusals:
                raise refusal
            mail.send_mail(*args, **options)

        monkeypatch.setattr("workspaces.mail.send_mail", refuse_the_first)
        rejections.mail_owners()
        assert len(mailoutbox) == 1
        rejections.mail_owners()
        assert len(mailoutbox) == 2
