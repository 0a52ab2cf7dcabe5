"""The fixed cast: Acme with an owner, an editor and a viewer; an outsider with a workspace of their own."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from tests.factories import make_user
from workspaces.models import ApiKey, Membership, Role, User, Workspace

SLOW_FOLDERS = ("tests/bad_input/", "tests/browser/", "tests/linear/", "tests/processes/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has the slow tests start first, so that the suite does not end with one process that works on them."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOW_FOLDERS))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Ends what threads of servers and workers left open, since PostgreSQL drops no database in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def owner(db: None) -> User:
    return make_user("owner@acme.example")


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return Workspace.create_with_owner("Acme", owner)


@pytest.fixture
def editor(workspace: Workspace) -> User:
    return make_member(workspace, "editor@acme.example", Role.EDITOR)


@pytest.fixture
def viewer(workspace: Workspace) -> User:
    return make_member(workspace, "viewer@acme.example", Role.VIEWER)


@pytest.fixture
def outsider(db: None) -> User:
    return make_user("outsider@elsewhere.example")


@pytest.fixture
def other_workspace(outsider: User) -> Workspace:
    """The outsider's own."""
    return Workspace.create_with_owner("Elsewhere", outsider)


@pytest.fixture
def as_owner(workspace: Workspace, owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def as_editor(editor: User) -> Client:
    return signed_in(editor)


@pytest.fixture
def as_viewer(viewer: User) -> Client:
    return signed_in(viewer)


@pytest.fixture
def as_outsider(outsider: User, other_workspace: Workspace) -> Client:
    return signed_in(outsider)


@pytest.fixture
def other_api(other_workspace: Workspace) -> APIClient:
    """With an owner's key of the outsider's workspace."""
    return client_of(other_workspace, Role.OWNER)


def client_of(workspace: Workspace, role: Role) -> APIClient:
    """A client of the REST API with a new key."""
    _, text = ApiKey.issue(workspace, "automation", role)
    return APIClient(HTTP_X_API_KEY=text)


def make_member(workspace: Workspace, email: str, role: Role) -> User:
    user = make_user(email)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
