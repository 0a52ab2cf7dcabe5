import re
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from workspaces.models import Membership, Role, User, Workspace


def url(workspace: Workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/settings/members/{path}"


def membership(workspace: Workspace, user: User) -> Membership:
    return Membership.objects.get(workspace=workspace, user=user)


def add(client: Client, workspace: Workspace, email: str, role: str = "editor") -> Any:
    return client.post(url(workspace, "add/"), {"email": email, "role": role})


class TestList:
    def test_it_names_members_and_their_roles(self, as_viewer: Client, workspace: Workspace) -> None:
        page = as_viewer.get(url(workspace)).content.decode()
        assert "owner@acme.example" in page
        assert "Viewer" in page

    def test_only_owners_are_led_to_changes(
        self, as_owner: Client, as_viewer: Client, workspace: Workspace
    ) -> None:
        assert b"Add member" in as_owner.get(url(workspace)).content
        assert b"Add member" not in as_viewer.get(url(workspace)).content

    def test_outsiders_find_nothing(self, as_outsider: Client, workspace: Workspace) -> None:
        assert as_outsider.get(url(workspace)).status_code == 404


class TestAdding:
    def test_somebody_new_gets_a_link_to_choose_a_password(
        self, as_owner: Client, workspace: Workspace, client: Client
    ) -> None:
        assert add(as_owner, workspace, "New@acme.example", "viewer").status_code == 302
        user = User.objects.get(email="new@acme.example")
        assert membership(workspace, user).role == Role.VIEWER
        assert not user.has_usable_password()
        assert mail.outbox[0].to == ["new@acme.example"]
        found = re.search(r"http://postwatch.test(/\S+/key/\S+)", str(mail.outbox[0].body))
        assert found
        page = client.get(found[1], follow=True).content.decode()
        assert "Choose a new password" in page

    def test_somebody_known_is_led_to_the_workspace(
        self, as_owner: Client, workspace: Workspace, outsider: User
    ) -> None:
        outsider.set_password("correct horse battery")
        outsider.save()
        add(as_owner, workspace, outsider.email)
        assert membership(workspace, outsider).role == Role.EDITOR
        assert f"http://postwatch.test/w/{workspace.slug}/" in str(mail.outbox[0].body)
        assert "/key/" not in str(mail.outbox[0].body)

    def test_a_member_is_not_added_twice(self, as_owner: Client, workspace: Workspace, editor: User) -> None:
        response = add(as_owner, workspace, "EDITOR@acme.example")
        assert response.status_code == 422
        assert "is a member already" in response.content.decode()

    @pytest.mark.parametrize(("email", "role"), [("nobody", "viewer"), ("a@b.example", "god"), ("", "")])
    def test_what_is_wrong_is_said(
        self, as_owner: Client, workspace: Workspace, email: str, role: str
    ) -> None:
        assert add(as_owner, workspace, email, role).status_code == 422
        assert workspace.members.count() == 1

    def test_without_a_mail_server_it_says_what_to_do(
        self, as_owner: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*arguments: Any) -> None:
            raise SMTPException("no")

        monkeypatch.setattr("workspaces.invitations.send_mail", refuse)
        add(as_owner, workspace, "new@acme.example")
        assert workspace.members.count() == 2
        assert "Forgot password" in as_owner.get(url(workspace)).content.decode()

    def test_it_needs_an_owner(self, as_editor: Client, workspace: Workspace) -> None:
        assert as_editor.get(url(workspace, "add/")).status_code == 403
        assert add(as_editor, workspace, "new@acme.example").status_code == 403


class TestRoles:
    def test_an_owner_changes_a_role(self, as_owner: Client, workspace: Workspace, editor: User) -> None:
        path = url(workspace, f"{membership(workspace, editor).pk}/")
        assert as_owner.post(path, {"role": "viewer"}).status_code == 302
        assert membership(workspace, editor).role == Role.VIEWER

    def test_the_last_owner_stays_one(self, as_owner: Client, workspace: Workspace, owner: User) -> None:
        path = url(workspace, f"{membership(workspace, owner).pk}/")
        response = as_owner.post(path, {"role": "editor"})
        assert response.status_code == 422
        assert "Make somebody else an owner first" in response.content.decode()
        assert membership(workspace, owner).role == Role.OWNER

    def test_an_editor_changes_none(self, as_editor: Client, workspace: Workspace, editor: User) -> None:
        path = url(workspace, f"{membership(workspace, editor).pk}/")
        assert as_editor.get(path).status_code == 403
        assert as_editor.post(path, {"role": "owner"}).status_code == 403

    def test_members_of_other_workspaces_are_not_there(
        self, as_owner: Client, workspace: Workspace, other_workspace: Workspace, outsider: User
    ) -> None:
        path = url(workspace, f"{membership(other_workspace, outsider).pk}/")
        assert as_owner.post(path, {"role": "viewer"}).status_code == 404
        assert as_owner.post(f"{path}remove/").status_code == 404
        assert membership(other_workspace, outsider).role == Role.OWNER


class TestRemoving:
    def remove(self, client: Client, workspace: Workspace, user: User) -> Any:
        return client.post(url(workspace, f"{membership(workspace, user).pk}/remove/"))

    def test_an_owner_removes_a_member(self, as_owner: Client, workspace: Workspace, editor: User) -> None:
        asked = as_owner.get(url(workspace, f"{membership(workspace, editor).pk}/remove/"))
        assert "Remove member" in asked.content.decode()
        assert self.remove(as_owner, workspace, editor).status_code == 302
        assert not workspace.members.filter(pk=editor.pk).exists()

    def test_anybody_may_leave(self, as_viewer: Client, workspace: Workspace, viewer: User) -> None:
        assert self.remove(as_viewer, workspace, viewer).status_code == 302
        assert as_viewer.get(f"/w/{workspace.slug}/").status_code == 404

    def test_the_last_owner_cannot(self, as_owner: Client, workspace: Workspace, owner: User) -> None:
        response = self.remove(as_owner, workspace, owner)
        assert response.status_code == 422
        assert "Make somebody else an owner first" in response.content.decode()

    def test_an_editor_removes_nobody_else(
        self, as_editor: Client, workspace: Workspace, viewer: User
    ) -> None:
        assert self.remove(as_editor, workspace, viewer).status_code == 403
