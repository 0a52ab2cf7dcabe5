"""Clients of the REST API with keys of Acme, and of the outsider's workspace."""

import pytest
from rest_framework.test import APIClient

from workspaces.models import ApiKey, Role, Workspace


def client_of(workspace: Workspace, role: Role) -> APIClient:
    _, text = ApiKey.issue(workspace, "automation", role)
    return APIClient(HTTP_X_API_KEY=text)


@pytest.fixture
def api(workspace: Workspace) -> APIClient:
    """An editor's key of Acme."""
    return client_of(workspace, Role.EDITOR)


@pytest.fixture
def viewer_api(workspace: Workspace) -> APIClient:
    return client_of(workspace, Role.VIEWER)


@pytest.fixture
def other_api(other_workspace: Workspace) -> APIClient:
    """An owner's key of the outsider's workspace."""
    return client_of(other_workspace, Role.OWNER)
