from django.test import Client

from workspaces.models import Workspace


def url(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/settings/"


def test_an_owner_renames_the_workspace(as_owner: Client, workspace: Workspace) -> None:
    response = as_owner.post(url(workspace), {"name": "Acme Ltd"})
    assert response.status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.slug) == ("Acme Ltd", "acme")


def test_a_name_is_needed(as_owner: Client, workspace: Workspace) -> None:
    response = as_owner.post(url(workspace), {"name": " "})
    assert response.status_code == 422
    assert '<bdi class="clip">Acme</bdi>' in response.content.decode()


def test_others_read_and_do_not_rename(as_editor: Client, workspace: Workspace) -> None:
    page = as_editor.get(url(workspace))
    assert page.status_code == 200
    assert b"Save settings" not in page.content
    assert as_editor.post(url(workspace), {"name": "Mine"}).status_code == 403


def test_each_role_sees_the_tabs_that_it_may_open(
    as_owner: Client, as_editor: Client, as_viewer: Client, workspace: Workspace
) -> None:
    tabs = {
        client: [
            name for name in ("API keys", "Vault", "Members") if f">{name}</a>" in page(client, workspace)
        ]
        for client in (as_owner, as_editor, as_viewer)
    }
    assert tabs[as_owner] == ["API keys", "Vault", "Members"]
    assert tabs[as_editor] == ["Vault", "Members"]
    assert tabs[as_viewer] == ["Members"]


def page(client: Client, workspace: Workspace) -> str:
    return client.get(url(workspace)).content.decode()


def test_outsiders_find_nothing(as_outsider: Client, workspace: Workspace) -> None:
    assert as_outsider.get(url(workspace)).status_code == 404
