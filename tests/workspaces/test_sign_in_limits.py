"""Attacks on passwords: how many may be tried, from where, and whom this must not shut out."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.conftest import client_of, signed_in
from tests.factories import make_user
from workspaces.models import Role, User, Workspace

PASSWORD = "correct horse battery"  # noqa: S105
OWNERS_ADDRESS = "198.51.100.7"
STRANGERS_ADDRESS = "203.0.113.66"
PROXY = "10.0.0.1"
WRONG = 5
"""Wrong passwords of one account from one address in five minutes."""


@pytest.fixture(autouse=True)
def with_a_quick_hash(settings: Any) -> None:
    """Passwords are tried by the hundred here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.save()
    return owner


def sign_in(email: str, password: str, address: str = STRANGERS_ADDRESS, **headers: str) -> bool:
    """From a browser of its own."""
    client = Client(REMOTE_ADDR=address, headers=headers)
    client.post("/accounts/login/", {"login": email, "password": password})
    return "_auth_user_id" in client.session


def by_proxy(email: str, password: str, forwarded_for: str) -> bool:
    return sign_in(email, password, PROXY, x_forwarded_for=forwarded_for)


class TestPasswords:
    def test_after_five_wrong_ones_the_right_one_is_refused_too(self, person: User) -> None:
        for _ in range(WRONG):
            assert not sign_in(person.email, "wrong")
        assert not sign_in(person.email, PASSWORD)

    def test_the_page_says_what_to_do(self, person: User, client: Client) -> None:
        for _ in range(WRONG + 1):
            page = client.post("/accounts/login/", {"login": person.email, "password": "wrong"})
        assert "too many wrong passwords" in page.content.decode()

    def test_an_address_without_an_account_answers_alike(self, person: User) -> None:
        answers = []
        for email in (person.email, "nobody@acme.example"):
            client = Client(REMOTE_ADDR=STRANGERS_ADDRESS)
            typed = {"login": email, "password": "wrong"}
            pages = [client.post("/accounts/login/", typed) for _ in range(WRONG + 2)]
            answers.append([(page.status_code, page.context["form"].errors) for page in pages])
        assert answers[0] == answers[1]

    def test_another_spelling_of_the_address_is_no_other_account(self, person: User) -> None:
        for _ in range(WRONG):
            sign_in(person.email.upper(), "wrong")
        assert not sign_in(person.email, PASSWORD)

    def test_right_ones_count_for_nothing(self, person: User) -> None:
        assert all(sign_in(person.email, PASSWORD) for _ in range(WRONG * 2))

    def test_one_address_does_not_try_many_accounts(self, person: User) -> None:
        for number in range(30):
            sign_in(f"somebody{number}@acme.example", "wrong")
        assert not sign_in(person.email, PASSWORD)
        assert sign_in(person.email, PASSWORD, OWNERS_ADDRESS)

    def test_one_network_of_ipv6_is_one_visitor(self, person: User) -> None:
        for number in range(WRONG):
            sign_in(person.email, "wrong", f"2001:db8:1:2::{number}")
        assert not sign_in(person.email, PASSWORD, "2001:db8:1:2::99")
        assert sign_in(person.email, PASSWORD, "2001:db8:1:3::1")


class TestOwners:
    def test_a_stranger_does_not_shut_them_out(self, person: User) -> None:
        for _ in range(WRONG * 3):
            sign_in(person.email, "wrong", STRANGERS_ADDRESS)
        assert sign_in(person.email, PASSWORD, OWNERS_ADDRESS)

    def test_many_strangers_together_find_an_end_and_do_not_shut_them_out(self, person: User) -> None:
        assert sign_in(person.email, PASSWORD, OWNERS_ADDRESS)
        for number in range(100 // WRONG):
            for _ in range(WRONG):
                sign_in(person.email, "wrong", f"203.0.113.{number}")
        assert not sign_in(person.email, PASSWORD, "203.0.113.200")
        assert sign_in(person.email, PASSWORD, OWNERS_ADDRESS)

    def test_a_new_password_by_mail_opens_the_way_again(self, person: User, client: Client) -> None:
        for _ in range(WRONG + 1):
            client.post("/accounts/login/", {"login": person.email, "password": "wrong"})
        client.post("/accounts/password/reset/", {"email": person.email})
        link = next(word for word in str(mail.outbox[0].body).split() if "/key/" in word)
        form = client.get(link, follow=True)
        typed = {"password1": "a new long one 42", "password2": "a new long one 42"}
        client.post(form.request["PATH_INFO"], typed)
        client.post("/accounts/login/", {"login": person.email, "password": "a new long one 42"})
        assert "_auth_user_id" in client.session


class TestAdmin:
    def test_it_takes_no_password_of_its_own(self, db: None, client: Client) -> None:
        User.objects.create_superuser("operator@example.com", PASSWORD)
        typed = {"username": "operator@example.com", "password": PASSWORD}
        answer = client.post("/admin/login/?next=/admin/", typed)
        assert answer.headers["Location"] == "/accounts/login/?next=/admin/"
        assert "_auth_user_id" not in client.session

    def test_its_sign_in_leads_only_to_pages_of_postwatch(self, db: None, client: Client) -> None:
        answer = client.get("/admin/login/?next=https://evil.example/")
        assert answer.headers["Location"] == "/accounts/login/?next=/admin/"

    def test_a_signed_in_operator_tries_no_passwords_of_others_there(self, db: None) -> None:
        User.objects.create_superuser("chief@example.com", PASSWORD)
        operator = make_user("operator@example.com", is_staff=True)
        client = signed_in(operator)
        client.post("/admin/login/", {"username": "chief@example.com", "password": PASSWORD})
        assert client.session["_auth_user_id"] == str(operator.pk)

    def test_a_member_of_a_team_is_told_whose_pages_these_are(self, as_owner: Client) -> None:
        answer = as_owner.get("/admin/login/?next=/admin/")
        assert answer.status_code == 403
        assert "for operators" in answer.content.decode()

    def test_its_change_of_password_is_that_of_everybody(self, db: None) -> None:
        client = signed_in(make_user("operator@example.com", is_staff=True))
        assert client.get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"


class TestSignedIn:
    @pytest.fixture
    def stolen(self, person: User) -> Client:
        """A session in wrong hands, which do not know the password."""
        return signed_in(person)

    def test_asking_again_has_the_same_limit(self, stolen: Client, person: User) -> None:
        for _ in range(WRONG):
            stolen.post("/accounts/reauthenticate/", {"password": "wrong"})
        page = stolen.post("/accounts/reauthenticate/", {"password": PASSWORD})
        assert page.status_code == 200
        assert "too many wrong passwords" in page.content.decode()

    def test_changing_the_password_has_a_limit(self, stolen: Client, person: User) -> None:
        new = {"password1": "a new long one 42", "password2": "a new long one 42"}
        for _ in range(5):
            stolen.post("/accounts/password/change/", new | {"oldpassword": "wrong"})
        answer = stolen.post("/accounts/password/change/", new | {"oldpassword": PASSWORD})
        assert answer.status_code == 429
        assert "too many times" in answer.content.decode()


def test_mails_to_choose_a_new_password_have_a_limit(person: User, client: Client) -> None:
    answers = [
        client.post("/accounts/password/reset/", {"email": person.email}).status_code for _ in range(4)
    ]
    assert answers == [302, 302, 302, 429]
    assert len(mail.outbox) == 3


def test_unknown_api_keys_have_a_limit_and_known_ones_go_on(workspace: Workspace) -> None:
    path = "/api/v1/monitors/"
    wrong = [Client().get(path, headers={"X-Api-Key": f"pw_{number}"}).status_code for number in range(301)]
    assert wrong == [401] * 300 + [429]
    assert client_of(workspace, Role.VIEWER).get(path).status_code == 200


class TestProxies:
    @pytest.fixture(autouse=True)
    def with_proxy(self, settings: Any) -> None:
        settings.TRUSTED_PROXIES = [f"{PROXY}/32"]

    def test_strangers_behind_one_do_not_shut_out_everybody(self, person: User) -> None:
        for number in range(30):
            by_proxy(f"somebody{number}@acme.example", "wrong", STRANGERS_ADDRESS)
        assert not by_proxy(person.email, PASSWORD, STRANGERS_ADDRESS)
        assert by_proxy(person.email, PASSWORD, OWNERS_ADDRESS)

    def test_what_the_visitor_wrote_before_it_is_not_believed(self, person: User) -> None:
        for number in range(WRONG):
            by_proxy(person.email, "wrong", f"192.0.2.{number}, {STRANGERS_ADDRESS}")
        assert not by_proxy(person.email, PASSWORD, f"192.0.2.99, {STRANGERS_ADDRESS}")

    def test_who_goes_past_it_is_counted_by_their_own_address(self, person: User) -> None:
        for number in range(WRONG):
            sign_in(person.email, "wrong", STRANGERS_ADDRESS, x_forwarded_for=f"192.0.2.{number}")
        assert not sign_in(person.email, PASSWORD, STRANGERS_ADDRESS, x_forwarded_for="192.0.2.99")

    def test_without_the_setting_nobody_is_believed(self, person: User, settings: Any) -> None:
        settings.TRUSTED_PROXIES = []
        for number in range(WRONG):
            by_proxy(person.email, "wrong", f"192.0.2.{number}")
        assert not by_proxy(person.email, PASSWORD, "192.0.2.99")

    def test_who_comes_by_a_socket_file_without_the_setting_signs_in_and_shares_one_limit(
        self, person: User
    ) -> None:
        assert sign_in(person.email, PASSWORD, "")
        for number in range(30):
            sign_in(f"somebody{number}@acme.example", "wrong", "")
        assert not sign_in(person.email, PASSWORD, "")
