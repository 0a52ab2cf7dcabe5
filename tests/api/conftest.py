"""Clients of the REST API with keys of Acme."""

import pytest
from rest_framework.test import APIClient

from tests.conftest import client_of
from workspaces.models import Role, Workspace


@pytest.fixture
def api(workspace: Workspace) -> APIClient:
    """With an editor's key."""
    return client_of(workspace, Role.EDITOR)


@pytest.fixture
def viewer_api(workspace: Workspace) -> APIClient:
    return client_of(workspace, Role.VIEWER)
