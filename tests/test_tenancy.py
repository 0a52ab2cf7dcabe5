"""Nobody reaches what belongs to another workspace: every route is tried, as a stranger and as an outsider.

The routes come from the URL configuration. A new one is therefore tried too, or fails here until somebody
says who may open it. tests/test_references.py does the same for what forms and bodies name.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from rest_framework.test import APIClient

from integrations.models import Integration
from tests.addresses import Route, Things, fill, routes
from tests.conftest import client_of
from workspaces.models import Role, Workspace
from workspaces.tenancy import WorkspaceOwned

APPS = ("workspaces", "monitors", "integrations")
MARK = "Only for Acme"

OF_A_WORKSPACE = "w/<slug:slug>/"
API = "api/v1/"

FOR_EVERYBODY = {
    "": "leads each person to their own workspace",
    "integrations/": "the catalogue of providers, and how many integrations are the person's own",
    "integrations/configured/": "lists the integrations of the person's own workspaces",
    "integrations/pagerduty/connect/": "takes the same form as adding does",
    "integrations/pagerduty/connected/": "takes what the person's own session kept",
    "integrations/<slug:provider>/": "what a provider does",
    "integrations/<slug:provider>/add/": "offers the workspaces that the person may change",
    "integrations/<slug:provider>/monitors/": "lists the monitors of one of these workspaces",
    "integrations/<slug:provider>/delay/": "two counts in minutes, of a monitor of these workspaces",
    "integrations/<slug:provider>/check/<slug:field>/": "looks at what was typed and stores nothing",
}
"""Pages that are not of one workspace: who is signed in gets them, and sees nothing of others there."""

NOT_OF_TENANTS = {
    "accounts/": "signing in and out, one's own password and address, and accepting an invitation",
    "admin/": "for operators alone: tests/test_admin.py",
    "api/docs/": "the API's description, the same for all",
    "api/schema/": "the API's description, the same for all",
    "integrations/email/summaries/": "for who holds the signed link of a mail, with an account or without",
}

VIEWERS_MAY = {
    "integrations/pagerduty/connect/": "offers only workspaces that the person may change",
    "integrations/<slug:provider>/add/": "offers only workspaces that the person may change",
    "integrations/<slug:provider>/check/<slug:field>/": "looks at what was typed and stores nothing",
}

NOT_OWNED = {
    "User": "a person may be in several workspaces",
    "Workspace": "the tenant itself",
    "Membership": "reached through its workspace; guarded by the walk over settings/members/",
    "Invitation": "reached through its workspace; guarded by the walk over settings/invitations/",
    "ApiKey": "reached through its workspace; guarded by the walk over settings/api-keys/",
    "CollectionVersion": "reached through its collection",
    "EnvironmentVariable": "reached through its environment",
    "OutageNote": "reached through its outage",
    "Exchange": "reached through its run",
    "RunDetail": "reached through its run",
    "RegionStatus": "reached through its monitor",
    "RetentionTurn": "shown to nobody",
    "Gap": "reached through its monitor",
    "RollUp": "reached through its monitor",
    "RequestName": "reached through its monitor",
    "RegionStreak": "reached through its integration",
    "Edit": "reached through what was changed",
    "Installation": "of the whole installation",
    "Heartbeat": "of the whole installation",
    "LateNotice": "what owners were mailed: no page and no address shows it",
}

ALL = [route for route in routes() if not route.text.startswith(tuple(NOT_OF_TENANTS))]
PAGES = [route for route in ALL if not route.text.startswith(API)]
OWNED_PAGES = [route for route in PAGES if route.text not in FOR_EVERYBODY]
API_ROUTES = [route for route in ALL if route.text.startswith(API)]
OURS = [model for label in APPS for model in apps.get_app_config(label).get_models()]


@pytest.fixture(autouse=True)
def with_every_page(settings: Any) -> None:
    settings.PAGERDUTY_APP_ID = "PAPP123"


@pytest.fixture
def things(workspace: Workspace) -> Things:
    return fill(workspace)


def calls(
    client: Client, tried: Iterable[Route], workspace: Workspace, things: Things, but: str = ""
) -> Iterator[tuple[str, Any]]:
    """Each route with each of its methods: what was called, and the answer."""
    for route in tried:
        address = route.address(workspace, things)
        for method in route.methods:
            if method != but:
                yield f"{method.upper()} {route.text}", getattr(client, method)(address)


def unlike(status: int, answers: Iterable[tuple[str, Any]]) -> dict[str, int]:
    return {call: answer.status_code for call, answer in answers if answer.status_code != status}


def rows_of(workspace: Workspace) -> dict[str, list[Any]]:
    """All that a visitor could change."""
    models: list[Any] = [model for model in OURS if model.__name__ not in ("User", "ApiKey", "Installation")]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


class TestTables:
    def test_somebody_said_who_may_open_each_route(self) -> None:
        unknown = [
            route.text
            for route in ALL
            if route.text not in FOR_EVERYBODY
            and not route.text.startswith((OF_A_WORKSPACE, API))
            and not (route.text.startswith("integrations/") and route.has_key)
        ]
        assert not unknown, (
            f"Who may open {unknown}? Put it under {OF_A_WORKSPACE} with a WorkspaceMixin, or name it with a "
            "reason in FOR_EVERYBODY or NOT_OF_TENANTS in tests/test_tenancy.py."
        )

    def test_no_exemption_is_left_over(self) -> None:
        texts = {route.text for route in routes()}
        assert {*FOR_EVERYBODY, *VIEWERS_MAY} <= texts
        assert all(any(text.startswith(prefix) for text in texts) for prefix in NOT_OF_TENANTS)
        assert NOT_OWNED.keys() <= {model.__name__ for model in OURS}

    def test_every_model_is_owned_and_tried_or_exempt(self, things: Things) -> None:
        tried = {type(thing) for thing in things.values()}
        missing = [
            model.__name__
            for model in OURS
            if model.__name__ not in NOT_OWNED and not (issubclass(model, WorkspaceOwned) and model in tried)
        ]
        assert not missing, (
            f"Let {missing} inherit WorkspaceOwned and make one in `fill` of tests/addresses.py, or name it "
            "with a reason in NOT_OWNED in tests/test_tenancy.py."
        )


class TestOutsiders:
    def test_the_addresses_are_right(self, as_owner: Client, workspace: Workspace, things: Things) -> None:
        """Otherwise a 404 for outsiders would prove nothing."""
        api = client_of(workspace, Role.OWNER)
        for client, tried in ((as_owner, PAGES), (api, API_ROUTES)):
            addresses = [route.address(workspace, things) for route in tried]
            assert [address for address in addresses if client.get(address).status_code == 404] == []

    def test_they_find_no_page_of_acme(
        self, as_outsider: Client, workspace: Workspace, things: Things
    ) -> None:
        before = rows_of(workspace)
        assert unlike(404, calls(as_outsider, OWNED_PAGES, workspace, things)) == {}
        assert rows_of(workspace) == before

    def test_they_find_nothing_of_acme_under_their_own_name(
        self, as_outsider: Client, other_workspace: Workspace, things: Things
    ) -> None:
        before = rows_of(other_workspace)
        tried = [route for route in OWNED_PAGES if route.has_key]
        assert unlike(404, calls(as_outsider, tried, other_workspace, things)) == {}
        assert rows_of(other_workspace) == before

    def test_their_key_finds_nothing_of_acme(
        self, other_api: APIClient, workspace: Workspace, things: Things
    ) -> None:
        before = rows_of(workspace)
        tried = [route for route in API_ROUTES if route.has_key]
        assert unlike(404, calls(other_api, tried, workspace, things)) == {}
        assert rows_of(workspace) == before

    def test_their_pages_and_lists_show_nothing_of_acme(
        self,
        as_outsider: Client,
        other_api: APIClient,
        workspace: Workspace,
        other_workspace: Workspace,
        things: Things,
    ) -> None:
        mark(workspace, things)
        queries = queries_for(workspace, things)
        one_by_one = [{name: value} for query in queries for name, value in query.items()]
        showing = [
            f"{route.text}?{query}"
            for client, tried, named in ((as_outsider, PAGES, queries), (other_api, API_ROUTES, one_by_one))
            for route in tried
            for query in ({}, *named)
            if not route.has_key and MARK in shown(client, route.address(other_workspace, things), query)
        ]
        assert showing == []


def shown(client: Client, address: str, query: dict[str, str]) -> str:
    return client.get(address, query, follow=True).content.decode()


def mark(workspace: Workspace, things: Things) -> None:
    """Writes MARK into every text of the workspace that a page may show."""
    names = {"name", "summary", "cause", "key", "host", "monitor_name", "integration_name", "response_text"}
    Workspace.objects.filter(pk=workspace.pk).update(name=MARK)
    for model in {type(thing) for thing in things.values()}:
        if texts := names & {field.name for field in model._meta.fields}:
            model._default_manager.filter(workspace=workspace).update(**dict.fromkeys(texts, MARK))


def queries_for(workspace: Workspace, things: Things) -> list[dict[str, str]]:
    """The workspace and its objects, named in every way that an address of ours takes."""
    kinds = ("monitor", "collection", "integration", "outage")
    named = {kind: f"{kind}s" for kind in kinds}
    ids = {name: str(things[before].pk) for name, before in named.items()}
    return [ids | {"workspace": value} for value in (workspace.slug, str(workspace.pk))]


class TestStrangers:
    def test_they_are_sent_to_sign_in(self, client: Client, workspace: Workspace, things: Things) -> None:
        elsewhere = {
            call: answer.status_code
            for call, answer in calls(client, PAGES, workspace, things)
            if not getattr(answer, "url", "").startswith("/accounts/login/")
        }
        assert elsewhere == {}

    def test_the_api_asks_for_a_key(self, workspace: Workspace, things: Things) -> None:
        assert unlike(401, calls(APIClient(), API_ROUTES, workspace, things)) == {}
        unknown: Client = APIClient(HTTP_X_API_KEY="pw_unknown")
        assert unlike(401, calls(unknown, API_ROUTES, workspace, things)) == {}


class TestViewers:
    def test_they_change_nothing_by_page(
        self, as_viewer: Client, workspace: Workspace, things: Things
    ) -> None:
        before = rows_of(workspace)
        tried = [route for route in PAGES if route.text not in VIEWERS_MAY]
        assert unlike(403, calls(as_viewer, tried, workspace, things, but="get")) == {}
        assert rows_of(workspace) == before

    def test_they_change_nothing_by_key(self, workspace: Workspace, things: Things) -> None:
        api = client_of(workspace, Role.VIEWER)
        before = rows_of(workspace)
        assert unlike(403, calls(api, API_ROUTES, workspace, things, but="get")) == {}
        assert rows_of(workspace) == before

    def test_they_add_no_integration(self, as_viewer: Client, workspace: Workspace) -> None:
        data = {"workspace": str(workspace.pk)}
        assert as_viewer.post("/integrations/pagerduty/add/", data).status_code == 403
        assert not Integration.objects.exists()
