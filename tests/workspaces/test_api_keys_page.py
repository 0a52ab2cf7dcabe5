import re

import pytest
from django.test import Client

from workspaces.models import ApiKey, Role, Workspace
from workspaces.models.tokens import hash_token


def url(workspace: Workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/settings/api-keys/{path}"


def test_a_new_key_is_shown_once(as_owner: Client, workspace: Workspace) -> None:
    response = as_owner.post(url(workspace, "add/"), {"name": "Pipeline", "role": "viewer"})
    found = re.search(r"pw_[\w-]{40,}", response.content.decode())
    assert found
    key = ApiKey.objects.get(hash=hash_token(found[0]))
    assert (key.workspace, key.name, key.role) == (workspace, "Pipeline", Role.VIEWER)
    assert "no-store" in response["Cache-Control"]
    listed = as_owner.get(url(workspace)).content.decode()
    assert key.prefix in listed
    assert found[0] not in listed


def test_it_works_until_it_is_revoked(as_owner: Client, workspace: Workspace, client: Client) -> None:
    key, text = ApiKey.issue(workspace, "Pipeline", Role.VIEWER)
    assert client.get("/api/v1/monitors/", headers={"X-Api-Key": text}).status_code == 200
    assert b"Revoke key" in as_owner.get(url(workspace, f"{key.pk}/revoke/")).content
    assert as_owner.post(url(workspace, f"{key.pk}/revoke/")).status_code == 302
    assert client.get("/api/v1/monitors/", headers={"X-Api-Key": text}).status_code == 401


@pytest.mark.parametrize("sent", [{"name": "", "role": "viewer"}, {"name": "Pipeline", "role": "god"}])
def test_a_name_and_a_role_are_needed(as_owner: Client, workspace: Workspace, sent: dict[str, str]) -> None:
    assert as_owner.post(url(workspace, "add/"), sent).status_code == 422
    assert not ApiKey.objects.exists()


def test_it_needs_an_owner(as_editor: Client, workspace: Workspace) -> None:
    key, _ = ApiKey.issue(workspace, "Pipeline", Role.VIEWER)
    for path in ("", "add/", f"{key.pk}/revoke/"):
        assert as_editor.get(url(workspace, path)).status_code == 403
    assert as_editor.post(url(workspace, "add/"), {"name": "Mine", "role": "owner"}).status_code == 403
    assert as_editor.post(url(workspace, f"{key.pk}/revoke/")).status_code == 403
    assert ApiKey.objects.count() == 1


def test_keys_of_other_workspaces_are_not_there(
    as_owner: Client, workspace: Workspace, other_workspace: Workspace
) -> None:
    key, _ = ApiKey.issue(other_workspace, "Pipeline", Role.VIEWER)
    assert as_owner.post(url(workspace, f"{key.pk}/revoke/")).status_code == 404
    assert ApiKey.objects.exists()
