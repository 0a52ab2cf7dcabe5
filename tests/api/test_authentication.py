import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.factories import CONTENT, make_monitor
from workspaces.models import Workspace


@pytest.mark.django_db
def test_without_a_key_it_says_where_to_put_one() -> None:
    response = APIClient().get("/api/v1/monitors/")
    assert response.status_code == 401
    assert "X-Api-Key" in response.json()["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["pw_wrong", "ü", "x" * 5000])
def test_an_unknown_key_is_refused(key: str) -> None:
    assert APIClient(HTTP_X_API_KEY=key).get("/api/v1/monitors/").status_code == 401


def test_a_viewers_key_reads(viewer_api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    assert viewer_api.get(f"/api/v1/monitors/{monitor.pk}/").status_code == 200


def test_a_viewers_key_changes_nothing(viewer_api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    assert viewer_api.post("/api/v1/collections/", {"collection": CONTENT}).status_code == 403
    assert viewer_api.post(f"/api/v1/monitors/{monitor.pk}/run/").status_code == 403
    assert viewer_api.post(f"/api/v1/monitors/{monitor.pk}/pause/").status_code == 403
    assert viewer_api.delete(f"/api/v1/monitors/{monitor.pk}/").status_code == 403


def test_the_schema_is_valid_and_complete() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_anybody_may_read_the_schema_and_its_page(client: APIClient) -> None:
    assert b"/api/v1/monitors/{id}/run/" in client.get("/api/schema/").content
    assert b"swagger-ui" in client.get("/api/docs/").content
