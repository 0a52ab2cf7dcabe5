"""What becomes of a mail that the mail server does not take at once, or not for everybody."""

from datetime import timedelta

import pytest
from django.conf import settings as configured

from integrations import rejections
from integrations.models import Delivery, DeliveryStatus, Integration
from integrations.models.deliveries import LEASE
from monitors.models import Monitor
from tests.integrations.email.conftest import MailServer
from tests.integrations.email.test_email import make_email
from tests.integrations.factories import deliver_all, deliver_later, fail, make_integration
from workspaces.models import Membership, Role, User, Workspace

pytestmark = pytest.mark.django_db

ADA, BOB = "ada@acme.example", "bob@acme.example"


@pytest.fixture
def integration(monitor: Monitor) -> Integration:
    return make_email(monitor)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("HELLO", "421 Too busy"),
        ("HELLO", "SSH-2.0-OpenSSH_9.6"),
        ("MAIL", "451 Greylisted"),
        ("DATA", "452 No room"),
        ("MAIL", "HANG UP"),
    ],
)
def test_a_passing_refusal_is_tried_again(
    integration: Integration, monitor: Monitor, mail_server: MailServer, command: str, answer: str
) -> None:
    mail_server.answers = {command: answer}
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().status == DeliveryStatus.PENDING
    mail_server.answers = {}
    deliver_later()
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED


def test_deferred_recipients_are_tried_again(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {ADA}": "450 Greylisted", f"RCPT {BOB}": "451 Greylisted"}
    fail(monitor)
    deliver_all()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.response_status) == (DeliveryStatus.PENDING, 450)
    assert f"has not accepted the mail for {ADA} and {BOB} yet" in delivery.response_text
    mail_server.answers = {}
    deliver_later()
    assert mail_server.recipients == [[ADA, BOB]]


def test_only_the_deferred_recipient_gets_the_mail_later(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {BOB}": "450 Greylisted"}
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().status == DeliveryStatus.PENDING
    mail_server.answers = {}
    deliver_later()
    assert mail_server.recipients == [[ADA], [BOB]]
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED


def test_a_permanently_refused_recipient_is_named(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {BOB}": "550 No such user"}
    fail(monitor)
    deliver_all()
    delivery = Delivery.objects.get()
    assert (delivery.status, mail_server.recipients) == (DeliveryStatus.ACCEPTED, [[ADA]])
    assert delivery.response_text == f"Mailed to 1, but the mail server refused {BOB}"


@pytest.mark.parametrize(
    "answers",
    [
        {f"RCPT {ADA}": "550 No such user", f"RCPT {BOB}": "553 No such user"},
        {"DATA": "554 This is spam"},
        {"MAIL": "501 Not a sender"},
    ],
)
def test_a_permanent_rejection_is_final(
    integration: Integration, monitor: Monitor, mail_server: MailServer, answers: dict[str, str]
) -> None:
    mail_server.answers = answers
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().status == DeliveryStatus.REJECTED


def test_a_permanently_refused_recipient_does_not_stop_the_retry_for_others(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {ADA}": "550 No such user", f"RCPT {BOB}": "450 Greylisted"}
    fail(monitor)
    deliver_all()
    mail_server.answers = {}
    deliver_later()
    assert mail_server.recipients == [[BOB]]


def test_an_accepted_mail_is_not_sent_again_if_quit_fails(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {"QUIT": "421 Enough"}
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().status == DeliveryStatus.ACCEPTED


def test_a_silent_mail_server_does_not_occupy_a_worker_longer_than_its_lease() -> None:
    assert timedelta(seconds=configured.EMAIL_TIMEOUT) < LEASE


class TestMailToOwners:
    """Who own a workspace are mailed when a provider rejects its integrations' events."""

    @pytest.fixture
    def rejected(self, workspace: Workspace, owner: User) -> list[Integration]:
        names = ("Mail", "Mail\r\nBcc: eve@elsewhere.example")
        integrations = [make_integration(workspace, name=name) for name in names]
        for integration in integrations:
            integration.record_rejection("Invalid routing key")
        return integrations

    def test_they_are_mailed_despite_an_unusual_name(
        self, rejected: list[Integration], mail_server: MailServer
    ) -> None:
        rejections.mail_owners()
        assert mail_server.recipients == [["owner@acme.example"]] * 2

    def test_an_unverified_address_gets_none(
        self, rejected: list[Integration], mail_server: MailServer, workspace: Workspace
    ) -> None:
        unproved = User.objects.create_user("victim@elsewhere.example", is_verified=False)
        Membership.objects.create(workspace=workspace, user=unproved, role=Role.OWNER)
        rejections.mail_owners()
        assert mail_server.recipients == [["owner@acme.example"]] * 2

    def test_a_permanent_rejection_is_not_tried_again(
        self, rejected: list[Integration], mail_server: MailServer
    ) -> None:
        mail_server.answers = {"RCPT owner@acme.example": "550 No such user"}
        rejections.mail_owners()
        mail_server.answers = {}
        rejections.mail_owners()
        assert mail_server.recipients == []

    def test_an_unreachable_mail_server_is_tried_once_a_sweep(
        self, rejected: list[Integration], mail_server: MailServer
    ) -> None:
        mail_server.answers = {"HELLO": "421 Too busy"}
        rejections.mail_owners()
        assert mail_server.sessions == 1
        mail_server.answers = {}
        rejections.mail_owners()
        assert len(mail_server.mails) == 2
