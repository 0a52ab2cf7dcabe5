"""An address becomes a person's own only by the link in a mail to it, and after their password."""

import re
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.conftest import signed_in
from tests.factories import make_user
from workspaces.models import User, Workspace

PASSWORD = "correct horse battery"  # noqa: S105
NEW = "new@acme.example"
URL = "/accounts/email/"


@pytest.fixture
def person(owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.save()
    return owner


@pytest.fixture
def browser(person: User) -> Client:
    """Signed in, and asked for the password just now."""
    client = signed_in(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def link_in_mail(number: int = -1) -> str:
    found = re.search(r"http://postwatch.test(/accounts/email/confirm/\S+)", str(mail.outbox[number].body))
    assert found
    return found[1]


def email_of(person: User) -> str:
    person.refresh_from_db()
    return person.email


def test_it_asks_for_the_password_first(person: User) -> None:
    stolen = signed_in(person)
    assert stolen.get(URL).headers["Location"].startswith("/accounts/reauthenticate/")
    answer = stolen.post(URL, {"email": NEW})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []


def test_it_goes_on_after_the_password(person: User) -> None:
    client = signed_in(person)
    asked = client.get(URL).headers["Location"]
    answer = client.post(asked, {"password": PASSWORD}, follow=True)
    assert "You sign in as" in answer.content.decode()


def test_the_new_address_counts_once_its_link_is_opened(browser: Client, person: User) -> None:
    browser.post(URL, {"email": "New@Acme.example"})
    assert mail.outbox[0].to == [NEW]
    assert email_of(person) == "owner@acme.example"
    assert f"Use <bdi>{NEW}</bdi>" in browser.get(link_in_mail()).content.decode()
    assert email_of(person) == "owner@acme.example"
    browser.post(link_in_mail())
    assert email_of(person) == NEW
    assert person.has_verified_email()
    assert Client().login(email=NEW, password=PASSWORD)
    assert not Client().login(email="owner@acme.example", password=PASSWORD)


def test_the_old_address_is_told(browser: Client) -> None:
    browser.post(URL, {"email": NEW})
    browser.post(link_in_mail())
    assert mail.outbox[-1].to == ["owner@acme.example"]
    assert NEW in mail.outbox[-1].body


def test_the_link_is_of_no_use_to_other_accounts(browser: Client, person: User, outsider: User) -> None:
    """Nor does the owner of an address give it away by opening a stranger's link."""
    browser.post(URL, {"email": outsider.email.replace("outsider", "victim")})
    for client in (signed_in(outsider), Client()):
        assert client.post(link_in_mail()).status_code in (302, 404)
    assert email_of(person) == "owner@acme.example"
    assert email_of(outsider) == "outsider@elsewhere.example"


def test_the_link_works_once_and_not_changed(browser: Client, person: User) -> None:
    browser.post(URL, {"email": NEW})
    browser.post(URL, {"email": "second@acme.example"})
    browser.post(link_in_mail(0))
    assert browser.post(link_in_mail(1)).status_code == 404
    assert browser.post(f"{link_in_mail(0)[:-3]}xx/").status_code == 404
    assert email_of(person) == NEW


def test_the_link_ends_after_a_day(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.post(URL, {"email": NEW})
    monkeypatch.setattr("workspaces.views.accounts.EMAIL_LINK_SECONDS", -1)
    assert browser.post(link_in_mail()).status_code == 404


def test_the_answer_does_not_tell_who_has_an_account(browser: Client, person: User, outsider: User) -> None:
    answers = []
    for email in (outsider.email, "nobody@elsewhere.example"):
        answer = browser.post(URL, {"email": email}, follow=True)
        text = answer.content.decode().replace(email, "")
        answers.append((answer.redirect_chain, re.sub(r'value="[^"]*"|CSRFToken": "[^"]*"', "", text)))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[outsider.email], ["nobody@elsewhere.example"]]
    assert "/confirm/" not in mail.outbox[0].body


def test_an_address_that_was_taken_meanwhile_stays_the_others(browser: Client, person: User) -> None:
    browser.post(URL, {"email": NEW})
    make_user(NEW)
    assert browser.post(link_in_mail()).status_code == 404
    assert email_of(person) == "owner@acme.example"


def test_an_address_longer_than_the_database_keeps_is_refused(browser: Client) -> None:
    answer = browser.post(URL, {"email": f"{'a' * 250}@elsewhere.example"})
    assert answer.status_code == 422
    assert "at most 254 characters" in answer.content.decode()
    assert mail.outbox == []


def test_mails_have_a_limit(browser: Client) -> None:
    answers = [browser.post(URL, {"email": NEW}).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 422]
    assert len(mail.outbox) == 3


def test_an_address_that_is_not_confirmed_can_be(person: User, browser: Client) -> None:
    EmailAddress.objects.all().delete()
    assert "not confirmed" in browser.get(URL).content.decode()
    browser.post(URL, {"email": person.email})
    browser.post(link_in_mail())
    assert person.has_verified_email()


@pytest.mark.parametrize("action", ["action_add", "action_primary", "action_send", "action_remove"])
def test_what_allauth_would_do_here_is_not_done(browser: Client, person: User, action: str) -> None:
    EmailAddress.objects.create(user=person, email="victim@elsewhere.example", verified=False)
    browser.post(URL, {"email": "victim@elsewhere.example", action: ""})
    assert email_of(person) == "owner@acme.example"
    assert not EmailAddress.objects.filter(email="victim@elsewhere.example", verified=True).exists()


@pytest.mark.parametrize(
    "name", ["account_confirm_login_code", "account_email_verification_sent", "account_request_login_code"]
)
def test_pages_of_allauth_that_postwatch_does_not_use_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


class TestForgottenPassword:
    def test_the_answer_does_not_tell_who_has_an_account(self, client: Client, person: User) -> None:
        answers = []
        for email in (person.email, "nobody@acme.example"):
            answer = client.post("/accounts/password/reset/", {"email": email}, follow=True)
            text = re.sub(r'value="[^"]*"|CSRFToken": "[^"]*"', "", answer.content.decode())
            answers.append((answer.redirect_chain, text))
        assert answers[0] == answers[1]
        assert len(mail.outbox) == 2

    def test_nor_does_a_mail_server_that_fails(self, client: Client, person: User, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        for email in (person.email, "nobody@acme.example"):
            answer = client.post("/accounts/password/reset/", {"email": email}, follow=True)
            assert "The mail server did not accept the mail" in answer.content.decode()

    def test_the_link_leads_to_this_postwatch_whatever_host_was_asked(
        self, client: Client, person: User
    ) -> None:
        client.post("/accounts/password/reset/", {"email": person.email}, headers={"Host": "evil.example"})
        assert "evil.example" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"
        assert "http://postwatch.test/accounts/password/reset/key/" in mail.outbox[0].body


class TestOperators:
    def test_an_address_that_they_type_counts(self, db: None, workspace: Workspace) -> None:
        operator = signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))
        posted = {
            "email": "Typed@Example.com",
            "usable_password": "false",
            "memberships-TOTAL_FORMS": "0",
            "memberships-INITIAL_FORMS": "0",
        }
        operator.post("/admin/workspaces/user/add/", posted)
        typed = User.objects.get(email="typed@example.com")
        assert typed.has_verified_email()
        operator.post(f"/admin/workspaces/user/{typed.pk}/change/", posted | {"email": "Other@Example.com"})
        typed.refresh_from_db()
        assert (typed.email, typed.has_verified_email()) == ("other@example.com", True)

    def test_they_vouch_for_an_address(self, db: None) -> None:
        operator = signed_in(make_user("operator@example.com", is_staff=True, is_superuser=True))
        person = User.objects.create_user(NEW, is_verified=False)
        chosen = {"action": "mark_verified", "_selected_action": [person.pk]}
        operator.post("/admin/workspaces/user/", chosen)
        assert person.has_verified_email()


class TestAddressesOfBefore:
    """What the update makes of accounts from when any address could be claimed."""

    def update(self) -> None:
        module = import_module("workspaces.migrations.0005_verified_addresses")
        module.keep_what_operators_and_owners_typed(apps, None)

    def test_what_operators_and_owners_typed_counts(self, owner: User) -> None:
        EmailAddress.objects.all().delete()
        EmailAddress.objects.create(user=owner, email=owner.email)
        self.update()
        assert owner.has_verified_email()

    def test_who_claimed_the_address_of_somebody_else_has_the_former_one_back(self, outsider: User) -> None:
        EmailAddress.objects.all().delete()
        EmailAddress.objects.create(user=outsider, email=outsider.email)
        EmailAddress.objects.create(user=outsider, email="victim@acme.example", primary=True)
        User.objects.filter(pk=outsider.pk).update(email="victim@acme.example")
        self.update()
        assert email_of(outsider) == "outsider@elsewhere.example"
        assert outsider.has_verified_email()
        assert not User.objects.filter(email="victim@acme.example").exists()
