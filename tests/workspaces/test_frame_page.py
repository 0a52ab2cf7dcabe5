from django.test import Client

from workspaces.models import Workspace


def test_it_names_the_workspace_and_offers_the_others_of_the_person(
    as_owner: Client, workspace: Workspace, other_workspace: Workspace
) -> None:
    page = as_owner.get(f"/w/{workspace.slug}/").content.decode()
    assert "Workspace: Acme. Switch workspace" in page
    assert "Elsewhere" not in page
