"""Mail when a monitor fails and when it recovers, and summaries."""

import re
import time
from datetime import UTC, datetime, timedelta
from email import message_from_string
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations import tasks
from integrations.models import Delivery, DeliveryStatus, Integration
from monitors import maintenance
from monitors.models import Monitor
from tests.factories import make_monitor, make_run, make_window
from tests.integrations.email.conftest import MailServer
from tests.integrations.factories import deliver_all, deliver_later, fail, succeed
from workspaces.models import Workspace

pytestmark = pytest.mark.django_db

ADD = "/integrations/email/add/"


def make_email(monitor: Monitor, everything: bool = False, **config: Any) -> Integration:
    config = {"recipients": ["ada@acme.example", "bob@acme.example"], "stop_after": 3} | config
    integration: Integration = Integration.objects.create(
        workspace=monitor.workspace,
        monitor=None if everything else monitor,
        provider="email",
        name="Mail to the team",
        config=config,
    )
    return integration


@pytest.fixture
def integration(monitor: Monitor) -> Integration:
    return make_email(monitor)


def test_a_failure_is_mailed(integration: Integration, monitor: Monitor, mailoutbox: list[Any]) -> None:
    run = fail(monitor)
    deliver_all()
    (mail,) = mailoutbox
    assert mail.to == ["ada@acme.example", "bob@acme.example"]
    assert mail.subject == "Checkout failed: Create order: Status is 201"
    for words in (
        "Status is 201: expected 500 to equal 201",
        f"http://postwatch.test{run.get_absolute_url()}",
    ):
        assert words in mail.body


def test_recovery_is_mailed_once(integration: Integration, monitor: Monitor, mailoutbox: list[Any]) -> None:
    fail(monitor)
    succeed(monitor)
    succeed(monitor)
    deliver_all()
    assert [mail.subject for mail in mailoutbox][1:] == ["Checkout recovered"]
    assert "after 1 failed run." in mailoutbox[1].body


def test_of_several_regions_each_is_named(workspace: Workspace, mailoutbox: list[Any]) -> None:
    monitor = make_monitor(workspace, regions=["eu", "us"])
    make_email(monitor)
    fail(monitor, region="eu")
    fail(monitor, region="us")
    succeed(monitor, region="us")
    deliver_all()
    recovered = mailoutbox[2]
    assert recovered.subject == "Checkout recovered in us"
    assert "Checkout in Acme recovered in the region us, after 1 failed run." in recovered.body
    assert mailoutbox[0].subject == "Checkout failed in eu: Create order: Status is 201"


@pytest.mark.parametrize("name", ["Check\r\nBcc: eve@elsewhere.example\r\n\r\nout", "ü" * 255])
def test_an_unusual_name_does_not_break_a_mail(
    workspace: Workspace, mail_server: MailServer, name: str
) -> None:
    monitor = make_monitor(workspace, name)
    make_email(monitor)
    fail(monitor, summary=name)
    deliver_all()
    ((recipients, text),) = mail_server.mails
    assert recipients == ["ada@acme.example", "bob@acme.example"]
    assert "bcc" not in message_from_string(text)


def test_it_stops_until_a_run_succeeds(
    integration: Integration, monitor: Monitor, mailoutbox: list[Any]
) -> None:
    for _ in range(6):
        fail(monitor)
    deliver_all()
    assert len(mailoutbox) == 3
    assert "You get the next mail when a run succeeds" in mailoutbox[2].body
    succeed(monitor)
    fail(monitor)
    deliver_all()
    assert len(mailoutbox) == 5


def test_a_subject_is_one_line(integration: Integration, monitor: Monitor, mailoutbox: list[Any]) -> None:
    fail(monitor, summary="first\nBcc: eve@elsewhere.example")
    deliver_all()
    assert "\n" not in mailoutbox[0].subject


def test_a_mail_server_that_is_away_gets_it_later(
    integration: Integration, monitor: Monitor, mailoutbox: list[Any], settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    fail(monitor)
    deliver_all()
    assert (Delivery.objects.get().status, mailoutbox) == (DeliveryStatus.PENDING, [])
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    deliver_later()
    assert len(mailoutbox) == 1


def test_a_paused_one_mails_nothing_that_it_still_owes(
    integration: Integration, monitor: Monitor, mailoutbox: list[Any]
) -> None:
    fail(monitor)
    integration.pause(close_incidents=True)
    deliver_all()
    assert (Delivery.objects.get().status, mailoutbox) == (DeliveryStatus.CANCELLED, [])


def test_a_paused_one_is_to_be_resumed_before_it_sends_again(
    as_editor: Client, integration: Integration, monitor: Monitor
) -> None:
    fail(monitor)
    integration.pause(close_incidents=True)
    deliver_all()
    url = reverse("integrations:resend", args=[Delivery.objects.get().pk])
    assert "Resume it first" in as_editor.post(url, follow=True).content.decode()
    assert Delivery.objects.count() == 1


def test_the_test_event_is_mailed_while_it_is_paused(integration: Integration, mailoutbox: list[Any]) -> None:
    integration.pause(close_incidents=True)
    integration.send_test()
    deliver_all()
    assert len(mailoutbox) == 1


def test_the_test_event_is_a_mail(integration: Integration, mailoutbox: list[Any]) -> None:
    integration.send_test()
    deliver_all()
    assert mailoutbox[0].subject.startswith("[TEST]")


class TestMaintenance:
    def test_a_failed_run_in_a_window_is_not_mailed(
        self, integration: Integration, monitor: Monitor, mailoutbox: list[Any]
    ) -> None:
        make_window(monitor.workspace, monitor)
        fail(monitor)
        succeed(monitor)
        deliver_all()
        assert mailoutbox == []

    def test_the_recovery_of_what_was_mailed_before_is(
        self, integration: Integration, monitor: Monitor, mailoutbox: list[Any]
    ) -> None:
        fail(monitor)
        make_window(monitor.workspace, monitor)
        fail(monitor)
        succeed(monitor)
        deliver_all()
        subjects = [mail.subject for mail in mailoutbox]
        assert subjects == ["Checkout failed: Create order: Status is 201", "Checkout recovered"]

    def test_an_outage_that_outlives_the_window_is_mailed_however_long_it_lasted(
        self, monitor: Monitor, mailoutbox: list[Any]
    ) -> None:
        make_email(monitor, stop_after=1)
        window = make_window(monitor.workspace, monitor)
        for _ in range(4):
            fail(monitor)
        maintenance.end_now(window)
        for _ in range(2):
            fail(monitor)
        succeed(monitor)
        deliver_all()
        failed, recovered = mailoutbox
        assert "failed for the 5th time in a row" in failed.body
        assert "after 6 failed runs" in recovered.body


class TestSummaries:
    def make_due(self, at: datetime) -> None:
        Integration.objects.update(next_summary_at=at)

    def test_there_are_none_by_default(self, integration: Integration) -> None:
        assert integration.next_summary_at is None

    def test_the_next_one_is_at_eight(self, monitor: Monitor) -> None:
        due_at = make_email(monitor, daily_summary=True).next_summary_at
        assert due_at is not None
        assert (due_at.hour, due_at > timezone.now()) == (8, True)

    def test_a_day_is_summed_up_once(self, monitor: Monitor, mailoutbox: list[Any]) -> None:
        make_email(monitor, daily_summary=True)
        make_run(monitor, minutes_ago=60)
        make_run(monitor, "failure", minutes_ago=30)
        make_run(monitor, "system_error", minutes_ago=20)
        self.make_due(timezone.now() - timedelta(seconds=5))
        for _ in range(2):
            tasks.sweep_deliveries()
            deliver_all()
        mail, other = mailoutbox
        assert (mail.to, other.to) == (["ada@acme.example"], ["bob@acme.example"])
        assert "Checkout: 2 runs, 1 failed, 120 ms on average" in mail.body
        assert "had failures" in mail.subject
        next_summary_at = Integration.objects.get().next_summary_at
        assert next_summary_at is not None
        assert next_summary_at > timezone.now()

    def test_mondays_is_the_weeks(self, monitor: Monitor, mailoutbox: list[Any]) -> None:
        make_email(monitor, daily_summary=True, weekly_summary=True)
        self.make_due(datetime(2026, 11, 16, 8, tzinfo=UTC))
        tasks.sweep_deliveries()
        deliver_all()
        assert {mail.subject for mail in mailoutbox} == {"Checkout this week: no runs"}

    def test_all_monitors_are_in_it(self, monitor: Monitor, mailoutbox: list[Any]) -> None:
        make_monitor(monitor.workspace, "Search")
        make_email(monitor, everything=True, weekly_summary=True)
        self.make_due(timezone.now())
        tasks.sweep_deliveries()
        deliver_all()
        assert "Search: no runs" in mailoutbox[0].body

    def send(self, integration: Integration) -> None:
        self.make_due(timezone.now())
        tasks.sweep_deliveries()
        deliver_all()

    def test_a_recipient_ends_them_by_a_link_without_signing_in(
        self, monitor: Monitor, mailoutbox: list[Any], client: Client
    ) -> None:
        integration = make_email(monitor, daily_summary=True)
        self.send(integration)
        link = re.findall(r"http://postwatch\.test(/integrations/email/summaries/\S+)", mailoutbox[1].body)[0]
        assert "Unsubscribe from summaries?" in client.get(link).content.decode()
        self.send(integration)
        assert len(mailoutbox) == 4
        assert "bob@acme.example" in client.post(link).content.decode()
        self.send(integration)
        fail(monitor)
        deliver_all()
        assert [mail.to for mail in mailoutbox[4:]] == [
            ["ada@acme.example"],
            ["ada@acme.example", "bob@acme.example"],
        ]

    def test_mail_programs_may_end_them_in_one_click(self, monitor: Monitor, mailoutbox: list[Any]) -> None:
        integration = make_email(monitor, daily_summary=True)
        self.send(integration)
        headers = mailoutbox[0].extra_headers
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = headers["List-Unsubscribe"].strip("<>").removeprefix("http://postwatch.test")
        Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
        integration.refresh_from_db()
        assert integration.config["without_summaries"] == ["ada@acme.example"]

    def test_a_made_up_link_ends_nothing(self, integration: Integration, client: Client) -> None:
        assert client.post("/integrations/email/summaries/WyJhIl0:abc:def/").status_code == 404

    def test_an_editor_sees_who_ended_them_and_takes_it_back(
        self, as_editor: Client, monitor: Monitor
    ) -> None:
        integration = make_email(monitor, daily_summary=True, without_summaries=["bob@acme.example"])
        assert "Unsubscribed from summaries" in as_editor.get(integration.get_absolute_url()).content.decode()
        values = {"name": "Mail", "workspace": monitor.workspace_id, "monitor": monitor.pk}
        config = {"recipients": "ada@acme.example, bob@acme.example", "daily_summary": "on"}
        as_editor.post(f"{integration.get_absolute_url()}edit/", values | config)
        integration.refresh_from_db()
        assert integration.config["without_summaries"] == []

    def test_a_paused_integration_sends_none(self, monitor: Monitor, mailoutbox: list[Any]) -> None:
        integration = make_email(monitor, daily_summary=True)
        integration.pause(close_incidents=True)
        self.send(integration)
        assert mailoutbox == []

    def test_whoever_ended_them_stays_on_the_list_however_long_it_grows(
        self, as_editor: Client, monitor: Monitor
    ) -> None:
        ended = [f"p{n}@acme.example" for n in range(6)]
        integration = make_email(monitor, daily_summary=True, without_summaries=ended)
        values = {"name": "Mail", "workspace": monitor.workspace_id, "monitor": monitor.pk}
        config = {"recipients": "ada@acme.example", "without_summaries": ", ".join(ended)}
        response = as_editor.post(f"{integration.get_absolute_url()}edit/", values | config)
        assert response.status_code == 302
        integration.refresh_from_db()
        assert integration.config["without_summaries"] == ended

    def test_turning_them_off_ends_them(self, monitor: Monitor) -> None:
        integration = make_email(monitor, daily_summary=True)
        integration.config = integration.config | {"daily_summary": False}
        integration.change()
        integration.refresh_from_db()
        assert integration.next_summary_at is None


class TestForm:
    def values(self, monitor: Monitor, recipients: str) -> dict[str, object]:
        return {
            "name": "Mail",
            "workspace": monitor.workspace_id,
            "monitor": monitor.pk,
            "recipients": recipients,
        }

    def test_a_mailbox_counts_once_however_it_is_written(self, as_editor: Client, monitor: Monitor) -> None:
        as_editor.post(ADD, self.values(monitor, "Ada@acme.example, ada@ACME.example"))
        assert Integration.objects.get().config["recipients"] == ["ada@ACME.example"]

    def test_it_adds(self, as_editor: Client, monitor: Monitor) -> None:
        as_editor.post(ADD, self.values(monitor, "ada@acme.example; bob@acme.example\nada@acme.example"))
        config = Integration.objects.get().config
        assert config["recipients"] == ["ada@acme.example", "bob@acme.example"]
        assert config["stop_after"] == 3

    @pytest.mark.parametrize(
        ("recipients", "words"),
        [
            (", ".join(f"p{n}@acme.example" for n in range(6)), "Enter at most 5 addresses; these are 6"),
            ("not an address", "valid email address"),
            ("", "required"),
        ],
    )
    def test_wrong_recipients_are_explained(
        self, as_editor: Client, monitor: Monitor, recipients: str, words: str
    ) -> None:
        response = as_editor.post(ADD, self.values(monitor, recipients))
        assert response.status_code == 422
        assert words in response.content.decode()

    @pytest.mark.parametrize(
        "recipients",
        [
            "Ada Lovelace <ada@acme.example>, bob@acme.example",
            '"Lovelace, Ada" <ada@acme.example>; Bob <bob@acme.example>',
            "<ada@acme.example>\n<bob@acme.example>",
        ],
    )
    def test_names_beside_addresses_are_left_out(
        self, as_editor: Client, monitor: Monitor, recipients: str
    ) -> None:
        as_editor.post(ADD, self.values(monitor, recipients))
        assert Integration.objects.get().config["recipients"] == ["ada@acme.example", "bob@acme.example"]

    @pytest.mark.parametrize(
        "recipients", ["ada@acme.example, bob@", "ada@acme.example bob@ Ada <c@d.example>"]
    )
    def test_the_wrong_one_of_several_is_named(
        self, as_editor: Client, monitor: Monitor, recipients: str
    ) -> None:
        response = as_editor.post(ADD, self.values(monitor, recipients))
        assert "“bob@” is not a valid email address" in response.content.decode()

    @pytest.mark.parametrize("pump", ['"', "a ", '"a" ', "<", "a@", ",\t", "é"])
    def test_a_long_text_is_refused_in_a_moment(self, as_editor: Client, monitor: Monitor, pump: str) -> None:
        started = time.process_time()
        response = as_editor.post(ADD, self.values(monitor, pump * 500_000 + "x"))
        assert time.process_time() - started < 5
        assert response.status_code == 422
        assert "at most 10000 characters" in response.content.decode()

    def test_it_is_edited(self, as_editor: Client, integration: Integration) -> None:
        page = as_editor.get(f"{integration.get_absolute_url()}edit/").content.decode()
        assert "ada@acme.example, bob@acme.example" in page
