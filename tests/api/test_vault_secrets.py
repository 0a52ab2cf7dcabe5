from typing import Any

import pytest
from rest_framework.test import APIClient

from monitors.models import VaultSecret
from workspaces.models import Workspace

PATH = "/api/v1/vault-secrets/"


@pytest.fixture
def secret(workspace: Workspace) -> Any:
    return VaultSecret.objects.create(workspace=workspace, key="token", value="s3cret-value")


def test_a_secret_is_written_and_never_read(api: APIClient, workspace: Workspace) -> None:
    response = api.post(PATH, {"key": "token", "value": "s3cret-value"})
    assert response.status_code == 201
    assert VaultSecret.objects.for_workspace(workspace).get().value == "s3cret-value"
    listed = api.get(PATH)
    assert [row["key"] for row in listed.json()["results"]] == ["token"]
    assert "s3cret-value" not in response.text + listed.text


def test_it_is_renamed_with_its_value(api: APIClient, secret: VaultSecret) -> None:
    assert api.patch(f"{PATH}{secret.pk}/", {"key": "access"}).status_code == 200
    secret.refresh_from_db()
    assert (secret.key, secret.value) == ("access", "s3cret-value")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"key": "token", "value": "x"}, "There is a secret with this key already."),
        ({"key": "other"}, "required"),
        ({"key": "other", "value": ""}, "blank"),
        ({"key": "x" * 300, "value": "x"}, "255"),
        ({"key": "other", "value": "x", "kind": 1}, "no such field"),
    ],
)
def test_what_is_wrong_is_said(api: APIClient, secret: VaultSecret, body: dict[str, Any], told: str) -> None:
    response = api.post(PATH, body)
    assert response.status_code == 400
    assert told in response.text


def test_other_keys_find_and_change_nothing(
    other_api: APIClient, viewer_api: APIClient, secret: VaultSecret
) -> None:
    for send in (other_api.get, other_api.patch, other_api.delete):
        assert send(f"{PATH}{secret.pk}/").status_code == 404
    assert viewer_api.delete(f"{PATH}{secret.pk}/").status_code == 403
