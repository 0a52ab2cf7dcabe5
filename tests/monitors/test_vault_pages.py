from typing import Any

import pytest
from django.test import Client

from monitors.models import VaultSecret
from workspaces.models import Workspace


def url(workspace: Workspace, path: str = "") -> str:
    return f"/w/{workspace.slug}/settings/vault/{path}"


@pytest.fixture
def secret(workspace: Workspace) -> Any:
    return VaultSecret.objects.create(workspace=workspace, key="token", value="s3cret-value")


def test_a_secret_is_added(as_editor: Client, workspace: Workspace) -> None:
    assert (
        as_editor.post(url(workspace, "add/"), {"key": "token", "value": "s3cret-value"}).status_code == 302
    )
    assert VaultSecret.objects.for_workspace(workspace).get().value == "s3cret-value"


def test_its_value_is_never_shown_again(as_editor: Client, workspace: Workspace, secret: VaultSecret) -> None:
    for path in ("", f"{secret.pk}/"):
        page = as_editor.get(url(workspace, path)).content.decode()
        assert "token" in page
        assert "s3cret-value" not in page


def test_renamed_without_a_value_it_keeps_its_own(
    as_editor: Client, workspace: Workspace, secret: VaultSecret
) -> None:
    as_editor.post(url(workspace, f"{secret.pk}/"), {"key": "access_token", "value": ""})
    secret.refresh_from_db()
    assert (secret.key, secret.value) == ("access_token", "s3cret-value")


def test_a_new_value_replaces_it(as_editor: Client, workspace: Workspace, secret: VaultSecret) -> None:
    as_editor.post(url(workspace, f"{secret.pk}/"), {"key": "token", "value": "newer"})
    secret.refresh_from_db()
    assert secret.value == "newer"


def test_a_key_is_there_once(as_editor: Client, workspace: Workspace, secret: VaultSecret) -> None:
    response = as_editor.post(url(workspace, "add/"), {"key": "token", "value": "x"})
    assert response.status_code == 422
    assert "There is one for token already" in response.content.decode()


def test_a_new_secret_needs_a_value(as_editor: Client, workspace: Workspace) -> None:
    assert as_editor.post(url(workspace, "add/"), {"key": "token", "value": ""}).status_code == 422


def test_it_is_deleted_after_a_question(as_editor: Client, workspace: Workspace, secret: VaultSecret) -> None:
    path = url(workspace, f"{secret.pk}/delete/")
    assert b"Delete secret" in as_editor.get(path).content
    assert as_editor.post(path).status_code == 302
    assert not VaultSecret.objects.exists()


def test_it_needs_an_editor(as_viewer: Client, workspace: Workspace, secret: VaultSecret) -> None:
    for path in ("", "add/", f"{secret.pk}/", f"{secret.pk}/delete/"):
        assert as_viewer.get(url(workspace, path)).status_code == 403
        assert as_viewer.post(url(workspace, path)).status_code in (403, 405)


def test_secrets_of_other_workspaces_are_not_there(
    as_outsider: Client, workspace: Workspace, secret: VaultSecret
) -> None:
    own = as_outsider.get("/", follow=True).context["workspace"]
    for path in (
        url(workspace, f"{secret.pk}/"),
        url(own, f"{secret.pk}/"),
        url(own, f"{secret.pk}/delete/"),
    ):
        assert as_outsider.get(path).status_code == 404
        assert as_outsider.post(path, {"key": "token", "value": "x"}).status_code == 404
