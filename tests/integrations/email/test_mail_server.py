"""What becomes of a mail that the mail server does not take at once, or not for everybody."""

from datetime import timedelta

import pytest
from django.conf import settings as configured

from integrations import outbox
from integrations.models import Delivery, Integration, State
from monitors.models import Monitor
from tests.integrations.email.conftest import MailServer
from tests.integrations.email.test_email import make_email
from tests.integrations.factories import deliver_all, deliver_later, fail

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
    assert Delivery.objects.get().state == State.PENDING
    mail_server.answers = {}
    deliver_later()
    assert Delivery.objects.get().state == State.ACCEPTED


def test_recipients_that_are_put_off_are_tried_again(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {ADA}": "450 Greylisted", f"RCPT {BOB}": "451 Greylisted"}
    fail(monitor)
    deliver_all()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.answer_status) == (State.PENDING, 450)
    assert f"did not take it for {ADA} and {BOB} yet" in delivery.answer
    mail_server.answers = {}
    deliver_later()
    assert mail_server.recipients == [[ADA, BOB]]


def test_a_recipient_that_is_put_off_alone_gets_the_mail_later_and_nobody_twice(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {BOB}": "450 Greylisted"}
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().state == State.PENDING
    mail_server.answers = {}
    deliver_later()
    assert mail_server.recipients == [[ADA], [BOB]]
    assert Delivery.objects.get().state == State.ACCEPTED


def test_a_recipient_that_is_refused_for_good_is_named(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {BOB}": "550 No such user"}
    fail(monitor)
    deliver_all()
    delivery = Delivery.objects.get()
    assert (delivery.state, mail_server.recipients) == (State.ACCEPTED, [[ADA]])
    assert delivery.answer == f"Mailed to 1, but the mail server refused {BOB}"


@pytest.mark.parametrize(
    "answers",
    [
        {f"RCPT {ADA}": "550 No such user", f"RCPT {BOB}": "553 No such user"},
        {"DATA": "554 This is spam"},
        {"MAIL": "501 Not a sender"},
    ],
)
def test_a_lasting_refusal_is_final(
    integration: Integration, monitor: Monitor, mail_server: MailServer, answers: dict[str, str]
) -> None:
    mail_server.answers = answers
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().state == State.REJECTED


def test_who_is_refused_for_good_does_not_keep_the_others_from_a_second_try(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {f"RCPT {ADA}": "550 No such user", f"RCPT {BOB}": "450 Greylisted"}
    fail(monitor)
    deliver_all()
    mail_server.answers = {}
    deliver_later()
    assert mail_server.recipients == [[BOB]]


def test_a_mail_that_was_taken_is_not_sent_twice_for_want_of_a_goodbye(
    integration: Integration, monitor: Monitor, mail_server: MailServer
) -> None:
    mail_server.answers = {"QUIT": "421 Enough"}
    fail(monitor)
    deliver_all()
    assert Delivery.objects.get().state == State.ACCEPTED


def test_a_mail_server_that_says_nothing_holds_no_worker_beyond_its_lease() -> None:
    assert timedelta(seconds=configured.EMAIL_TIMEOUT) < outbox.LEASE
