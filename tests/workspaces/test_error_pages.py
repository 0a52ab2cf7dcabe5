from django.test import Client

from workspaces.models import Workspace


def test_an_unknown_address_says_so_within_the_frame(as_owner: Client, workspace: Workspace) -> None:
    answer = as_owner.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
    assert "Sign out" in answer.content.decode()


def test_another_workspace_looks_like_an_unknown_address(as_outsider: Client, workspace: Workspace) -> None:
    hidden, unknown = as_outsider.get("/w/acme/"), as_outsider.get("/w/no-such-workspace/")
    assert hidden.status_code == unknown.status_code == 404


def test_too_small_a_role_is_told_whom_to_ask(as_viewer: Client, workspace: Workspace) -> None:
    answer = as_viewer.get("/w/acme/monitors/add/")
    assert answer.status_code == 403
    assert "Ask an owner" in answer.content.decode()


def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(workspace: Workspace) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()
