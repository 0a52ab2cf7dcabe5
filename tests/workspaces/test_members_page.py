from typing import Any

from django.test import Client
from django.urls import reverse

from workspaces.models import Membership, Role, User, Workspace


def url(workspace: Workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/settings/members/{path}"


def membership(workspace: Workspace, user: User) -> Membership:
    return Membership.objects.get(workspace=workspace, user=user)


class TestList:
    def test_it_names_members_and_their_roles(self, as_viewer: Client, workspace: Workspace) -> None:
        page = as_viewer.get(url(workspace)).content.decode()
        assert "owner@acme.example" in page
        assert "Viewer" in page

    def test_only_owners_are_led_to_changes(
        self, as_owner: Client, as_viewer: Client, workspace: Workspace
    ) -> None:
        assert b"Invite member" in as_owner.get(url(workspace)).content
        assert b"Invite member" not in as_viewer.get(url(workspace)).content

    def test_outsiders_find_nothing(self, as_outsider: Client, workspace: Workspace) -> None:
        assert as_outsider.get(url(workspace)).status_code == 404


class TestRoles:
    def test_an_owner_changes_a_role(self, as_owner: Client, workspace: Workspace, editor: User) -> None:
        path = url(workspace, f"{membership(workspace, editor).pk}/")
        assert as_owner.post(path, {"role": "viewer"}).status_code == 302
        assert membership(workspace, editor).role == Role.VIEWER

    def test_the_last_owner_stays_one(self, as_owner: Client, workspace: Workspace, owner: User) -> None:
        path = url(workspace, f"{membership(workspace, owner).pk}/")
        response = as_owner.post(path, {"role": "editor"})
        assert response.status_code == 422
        assert "Make another member an owner first" in response.content.decode()
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
        response = self.remove(as_viewer, workspace, viewer)
        assert (response.status_code, response["Location"]) == (302, reverse("home"))
        assert as_viewer.get(f"/w/{workspace.slug}/").status_code == 404

    def test_the_last_owner_cannot(self, as_owner: Client, workspace: Workspace, owner: User) -> None:
        response = self.remove(as_owner, workspace, owner)
        assert response.status_code == 422
        assert "Make another member an owner first" in response.content.decode()

    def test_an_editor_removes_nobody_else(
        self, as_editor: Client, workspace: Workspace, viewer: User
    ) -> None:
        assert self.remove(as_editor, workspace, viewer).status_code == 403
