"""Nobody becomes a member without accepting, and only who has the invited address accepts."""

import re
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.conftest import signed_in
from tests.factories import make_invitation, make_user
from workspaces.models import Invitation, Membership, Role, User, Workspace

PASSWORD = "correct horse battery"  # noqa: S105
NEW = "new@acme.example"


def url(workspace: Workspace, path: str = "members/invite/") -> str:
    return f"/w/{workspace.slug}/settings/{path}"


def invite(client: Client, workspace: Workspace, email: str = NEW, role: str = "editor") -> Any:
    return client.post(url(workspace), {"email": email, "role": role})


def mailed_link(number: int = -1) -> str:
    """Without the host, as a test client takes it."""
    found = re.search(r"http://postwatch.test(/accounts/invitations/\S+)", str(mail.outbox[number].body))
    assert found
    return found[1]


def shown_link(page: Any) -> str:
    found = re.search(r'value="http://postwatch.test(/accounts/invitations/[^"]+)"', page.content.decode())
    assert found
    return found[1]


def choose_password(client: Client, link: str) -> Any:
    return client.post(link, {"new_password1": PASSWORD, "new_password2": PASSWORD})


def is_member(workspace: Workspace, email: str) -> bool:
    return workspace.members.filter(email=email).exists()


@pytest.fixture
def without_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


class TestInviting:
    def test_a_link_goes_to_the_address(self, as_owner: Client, workspace: Workspace) -> None:
        assert invite(as_owner, workspace, "New@Acme.example", "viewer").status_code == 302
        assert mail.outbox[0].to == [NEW]
        assert "owner@acme.example invites you" in mail.outbox[0].subject
        assert NEW in as_owner.get(url(workspace, "members/")).content.decode()

    def test_nobody_is_a_member_before_accepting(
        self, as_owner: Client, workspace: Workspace, outsider: User
    ) -> None:
        invite(as_owner, workspace, outsider.email)
        assert not is_member(workspace, outsider.email)
        assert signed_in(outsider).get(f"/w/{workspace.slug}/").status_code == 404

    def test_the_answer_does_not_tell_who_has_an_account(
        self, as_owner: Client, workspace: Workspace, outsider: User
    ) -> None:
        pages = []
        for email in (outsider.email, "nobody@elsewhere.example"):
            answer = invite(as_owner, workspace, email)
            page = as_owner.get(answer.headers["Location"]).content.decode()
            pages.append((answer.status_code, page.count(email)))
            Invitation.objects.get(email=email).revoke()
        assert pages[0] == pages[1]

    def test_a_member_is_not_invited(self, as_owner: Client, workspace: Workspace, editor: User) -> None:
        answer = invite(as_owner, workspace, "EDITOR@acme.example")
        assert answer.status_code == 422
        assert "is a member already" in answer.content.decode()

    def test_an_address_is_invited_once(self, as_owner: Client, workspace: Workspace) -> None:
        invite(as_owner, workspace)
        answer = invite(as_owner, workspace, NEW.upper())
        assert answer.status_code == 422
        assert "is invited already" in answer.content.decode()
        assert len(mail.outbox) == 1

    @pytest.mark.parametrize(
        ("email", "role"),
        [
            ("nobody", "viewer"),
            ("a@b.example", "god"),
            ("", ""),
            (f"{'a' * 250}@b.example", "viewer"),
            (f"{'İ' * 130}@b.example", "viewer"),  # twice as long in lower case
        ],
    )
    def test_what_is_wrong_is_said(
        self, as_owner: Client, workspace: Workspace, email: str, role: str
    ) -> None:
        assert invite(as_owner, workspace, email, role).status_code == 422
        assert not Invitation.objects.exists()

    def test_it_needs_an_owner(self, as_editor: Client, workspace: Workspace) -> None:
        assert as_editor.get(url(workspace)).status_code == 403
        assert invite(as_editor, workspace).status_code == 403

    def test_who_is_invited_is_for_owners_to_see(
        self, as_owner: Client, as_editor: Client, workspace: Workspace
    ) -> None:
        make_invitation(workspace, NEW)
        assert NEW in as_owner.get(url(workspace, "members/")).content.decode()
        assert NEW not in as_editor.get(url(workspace, "members/")).content.decode()

    def test_a_name_with_line_breaks_writes_no_lines_of_its_own(
        self, as_owner: Client, workspace: Workspace
    ) -> None:
        Workspace.objects.update(name="Acme\n\nOpen http://evil.example")
        invite(as_owner, workspace)
        assert "\nOpen http://evil" not in str(mail.outbox[0].body)


class TestLimits:
    def test_an_address_gets_three_mails_an_hour_from_all_workspaces(
        self, as_owner: Client, as_outsider: Client, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        for client, of in ((as_owner, workspace), (as_outsider, other_workspace), (as_owner, workspace)):
            Invitation.objects.filter(workspace=of).delete()
            assert invite(client, of).status_code == 302
        Invitation.objects.all().delete()
        answer = invite(as_outsider, other_workspace)
        assert answer.status_code == 422
        assert "Try again tomorrow" in answer.content.decode()
        assert len(mail.outbox) == 3
        assert not Invitation.objects.exists()

    def test_a_workspace_sends_fifty_in_a_day(self, as_owner: Client, workspace: Workspace) -> None:
        answers = [
            invite(as_owner, workspace, f"person{number}@acme.example").status_code for number in range(51)
        ]
        assert answers == [302] * 50 + [422]
        assert len(mail.outbox) == 50

    def test_sending_again_has_the_same_limit(self, as_owner: Client, workspace: Workspace) -> None:
        invite(as_owner, workspace)
        pk = Invitation.objects.get().pk
        for _ in range(4):
            answer = as_owner.post(url(workspace, f"invitations/{pk}/resend/"), follow=True)
        assert "Try again tomorrow" in answer.content.decode()
        assert len(mail.outbox) == 3


class TestPending:
    def test_sent_again_only_the_new_link_works(
        self, as_owner: Client, workspace: Workspace, client: Client
    ) -> None:
        invite(as_owner, workspace)
        Invitation.objects.update(expires_at=timezone.now())
        as_owner.post(url(workspace, f"invitations/{Invitation.objects.get().pk}/resend/"))
        assert client.get(mailed_link(0)).status_code == 404
        assert client.get(mailed_link(1)).status_code == 200

    def test_revoked_it_no_longer_works(self, as_owner: Client, workspace: Workspace, client: Client) -> None:
        invite(as_owner, workspace)
        path = url(workspace, f"invitations/{Invitation.objects.get().pk}/revoke/")
        assert "Revoke invitation" in as_owner.get(path).content.decode()
        assert as_owner.post(path).status_code == 302
        answer = choose_password(client, mailed_link())
        assert answer.status_code == 404
        assert "no longer works" in answer.content.decode()
        assert not is_member(workspace, NEW)
        assert invite(as_owner, workspace).status_code == 302

    def test_too_old_it_no_longer_works(self, as_owner: Client, workspace: Workspace, client: Client) -> None:
        invite(as_owner, workspace)
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert choose_password(client, mailed_link()).status_code == 404
        assert "Expired" in as_owner.get(url(workspace, "members/")).content.decode()

    def test_it_works_once(self, as_owner: Client, workspace: Workspace) -> None:
        invite(as_owner, workspace)
        assert choose_password(Client(), mailed_link()).status_code == 302
        Membership.objects.filter(user__email=NEW).delete()
        again = signed_in(User.objects.get(email=NEW))
        assert again.post(mailed_link()).status_code == 404
        assert not is_member(workspace, NEW)

    @pytest.mark.parametrize("change", ["leave", "step down"])
    def test_those_of_an_owner_who_is_one_no_longer_end(
        self, as_owner: Client, workspace: Workspace, owner: User, editor: User, change: str
    ) -> None:
        Membership.objects.filter(user=editor).update(role=Role.OWNER)
        invite(as_owner, workspace)
        membership = Membership.objects.get(user=owner)
        membership.end() if change == "leave" else membership.change_role(Role.VIEWER)
        assert choose_password(Client(), mailed_link()).status_code == 404

    def test_the_database_holds_no_link(self, as_owner: Client, workspace: Workspace) -> None:
        invite(as_owner, workspace)
        token = mailed_link().split("/")[-2]
        assert token not in str(Invitation.objects.values().get())


class TestSomebodyNew:
    def test_they_choose_a_password_and_are_in(
        self, as_owner: Client, workspace: Workspace, client: Client
    ) -> None:
        invite(as_owner, workspace, role="viewer")
        assert "Choose a password" in client.get(mailed_link()).content.decode()
        assert choose_password(client, mailed_link()).headers["Location"] == f"/w/{workspace.slug}/"
        assert client.get(f"/w/{workspace.slug}/").status_code == 200
        user = User.objects.get(email=NEW)
        assert user.has_verified_email()
        assert Membership.objects.get(user=user).role == Role.VIEWER

    def test_a_weak_password_is_refused_and_nothing_is_made(
        self, as_owner: Client, workspace: Workspace, client: Client
    ) -> None:
        invite(as_owner, workspace)
        answer = client.post(mailed_link(), {"new_password1": "123", "new_password2": "123"})
        assert answer.status_code == 422
        assert not User.objects.filter(email=NEW).exists()

    def test_a_guessed_link_opens_nothing(self, workspace: Workspace, client: Client) -> None:
        make_invitation(workspace, NEW)
        assert choose_password(client, "/accounts/invitations/guessed/").status_code == 404
        assert not User.objects.filter(email=NEW).exists()


class TestSomebodyKnown:
    def test_they_sign_in_and_accept(
        self, as_owner: Client, workspace: Workspace, outsider: User, client: Client
    ) -> None:
        invite(as_owner, workspace, outsider.email)
        link = mailed_link()
        assert f"/accounts/login/?next={link}" in client.get(link).content.decode()
        client.force_login(outsider)
        assert client.post(link).headers["Location"] == f"/w/{workspace.slug}/"
        assert is_member(workspace, outsider.email)

    def test_the_link_alone_sets_no_password_of_theirs(
        self, as_owner: Client, workspace: Workspace, outsider: User, client: Client
    ) -> None:
        invite(as_owner, workspace, outsider.email)
        assert choose_password(client, mailed_link()).status_code == 422
        outsider.refresh_from_db()
        assert not outsider.has_usable_password()
        assert not is_member(workspace, outsider.email)

    def test_somebody_else_who_has_the_link_does_not_accept(
        self, as_owner: Client, workspace: Workspace, outsider: User
    ) -> None:
        invite(as_owner, workspace)
        answer = signed_in(outsider).post(mailed_link())
        assert answer.status_code == 403
        assert "You are signed in as" in answer.content.decode()
        assert workspace.members.count() == 1


class TestTakeover:
    """Somebody gives their own account the address of a person who is about to be invited."""

    @pytest.fixture
    def attacker(self, outsider: User) -> User:
        """With the address of the victim, unproven, by whatever way."""
        EmailAddress.objects.filter(user=outsider).delete()
        EmailAddress.objects.create(user=outsider, email=NEW, primary=True, verified=False)
        User.objects.filter(pk=outsider.pk).update(email=NEW)
        outsider.refresh_from_db()
        return outsider

    def test_they_are_not_let_in_by_the_invitation(
        self, as_owner: Client, workspace: Workspace, attacker: User
    ) -> None:
        invite(as_owner, workspace)
        client = signed_in(attacker)
        assert client.get(f"/w/{workspace.slug}/").status_code == 404
        answer = client.post(mailed_link())
        assert answer.status_code == 403
        assert "First confirm that" in answer.content.decode()
        assert workspace.members.count() == 1

    def test_the_person_takes_the_account_back_by_the_mail_and_the_attacker_is_out(
        self, as_owner: Client, workspace: Workspace, attacker: User, client: Client
    ) -> None:
        attacker.set_password("the attacker's own")
        attacker.save()
        attackers = signed_in(attacker)
        invite(as_owner, workspace)
        link = mailed_link()
        client.post("/accounts/password/reset/", {"email": NEW})
        found = re.search(r"http://postwatch.test(/\S+/key/\S+)", str(mail.outbox[-1].body))
        assert found
        form = client.get(found[1], follow=True)
        client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
        client.post("/accounts/login/", {"login": NEW, "password": PASSWORD})
        assert client.post(link).status_code == 302
        assert attackers.get(f"/w/{workspace.slug}/").status_code == 302
        assert not attackers.session.get("_auth_user_id")

    def test_the_command_makes_them_owner_of_nothing(self, attacker: User) -> None:
        from django.core.management import CommandError, call_command

        with pytest.raises(CommandError, match="not confirmed"):
            call_command("create_workspace", "Secret", owner=NEW)
        assert not Workspace.objects.filter(name="Secret").exists()


@pytest.mark.usefixtures("without_mail")
class TestWithoutMail:
    def test_the_owner_sees_the_link_once(self, as_owner: Client, workspace: Workspace) -> None:
        page = invite(as_owner, workspace)
        assert page.status_code == 200
        assert "no-store" in page.headers["Cache-Control"]
        token = shown_link(page).split("/")[-2]
        assert token not in as_owner.get(url(workspace, "members/")).content.decode()

    def test_somebody_new_comes_in_by_it_with_an_address_that_is_not_proved(
        self, as_owner: Client, workspace: Workspace, client: Client
    ) -> None:
        assert choose_password(client, shown_link(invite(as_owner, workspace))).status_code == 302
        assert is_member(workspace, NEW)
        assert not User.objects.get(email=NEW).has_verified_email()

    def test_it_proves_no_address_that_has_an_account(
        self, as_owner: Client, workspace: Workspace, outsider: User, client: Client
    ) -> None:
        link = shown_link(invite(as_owner, workspace, outsider.email))
        answer = choose_password(client, link)
        assert answer.status_code == 422
        assert "sign in, and then accept" in answer.content.decode()
        assert not is_member(workspace, outsider.email)
        assert signed_in(make_user("third@acme.example")).post(link).status_code == 403
        assert signed_in(outsider).post(link).status_code == 302
        assert is_member(workspace, outsider.email)

    def test_opening_it_does_not_tell_whether_the_address_has_an_account(
        self, as_owner: Client, workspace: Workspace, outsider: User, client: Client
    ) -> None:
        pages = []
        for email in (outsider.email, "nobody@elsewhere.example"):
            link = shown_link(invite(as_owner, workspace, email))
            page = client.get(link).content.decode().replace(email, "").replace(link, "")
            pages.append(re.sub(r'value="[^"]*"|CSRFToken": "[^"]*"', "", page))
        assert pages[0] == pages[1]


def test_the_owner_sees_the_link_too_when_the_mail_server_refuses(
    as_owner: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise SMTPException("no")

    monkeypatch.setattr("workspaces.mail.send_mail", refuse)
    shown_link(invite(as_owner, workspace))
    assert not Invitation.objects.get().was_mailed
