import re

import pytest
from django.core import mail
from django.test import Client

from workspaces.models import User, Workspace

PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture
def person(workspace: Workspace, owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.save()
    return owner


def test_it_leads_to_the_home_of_the_workspace(client: Client, person: User) -> None:
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/w/acme/"


def test_it_leads_back_to_the_page_that_asked(client: Client, person: User) -> None:
    asked = client.get("/w/acme/monitors/")
    assert asked.headers["Location"] == "/accounts/login/?next=/w/acme/monitors/"
    typed = {"login": person.email, "password": PASSWORD, "next": "/w/acme/monitors/"}
    assert client.post("/accounts/login/", typed).headers["Location"] == "/w/acme/monitors/"


def test_it_says_when_the_password_is_wrong(client: Client, person: User) -> None:
    answer = client.post("/accounts/login/", {"login": person.email, "password": "wrong"})
    assert 'role="alert"' in answer.content.decode()
    assert "not correct" in answer.content.decode()


def test_it_does_not_say_which_addresses_have_an_account(client: Client, person: User) -> None:
    known = client.post("/accounts/login/", {"login": person.email, "password": "wrong"})
    unknown = client.post("/accounts/login/", {"login": "nobody@acme.example", "password": "wrong"})
    problem = re.compile(r"The email address.*")
    assert problem.search(known.content.decode())[0] == problem.search(unknown.content.decode())[0]  # type: ignore[index]


def test_nobody_signs_up_alone(client: Client, db: None) -> None:
    assert b"Sign-up is closed" in client.get("/accounts/signup/").content


def test_signing_out_needs_a_press_of_the_button(as_owner: Client) -> None:
    as_owner.get("/accounts/logout/")
    assert as_owner.get("/w/acme/").status_code == 200
    as_owner.post("/accounts/logout/")
    assert as_owner.get("/w/acme/").status_code == 302


def test_a_forgotten_password_is_replaced_by_a_link_in_a_mail(client: Client, person: User) -> None:
    client.post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link
    form = client.get(link[0], follow=True)
    assert b"Choose a new password" in form.content
    typed = {"password1": "a new long one 42", "password2": "a new long one 42"}
    assert b"Your password is changed" in client.post(form.request["PATH_INFO"], typed, follow=True).content
    assert client.login(email=person.email, password="a new long one 42")
