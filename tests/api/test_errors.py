"""Whatever goes wrong under /api/ is answered in JSON, with a sentence under `detail`."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from monitors.api.monitors import MonitorViewSet
from tests.factories import make_monitor
from workspaces.models import Workspace

UNKNOWN = ["/api/", "/api/v1/nothing/", "/api/v2/monitors/", "/api/v1/monitors/x/nothing/", "/api/nothing"]


def sentence_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/json"
    sentence: str = answer.json()["detail"]
    assert sentence.endswith(".")
    return sentence


@pytest.mark.django_db
@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_path_is_answered_in_json(path: str, method: str) -> None:
    answer = getattr(APIClient(), method)(path)
    assert answer.status_code == 404
    assert "/api/docs/" in sentence_of(answer)


def test_people_still_get_a_page(as_owner: Client) -> None:
    assert "text/html" in as_owner.get("/apiary/")["Content-Type"]


@pytest.mark.parametrize("key", ["abc", "1", "00000000-0000-0000-0000-000000000000"])
def test_an_id_that_does_not_exist_is_answered_in_json(api: APIClient, key: str) -> None:
    answer = api.get(f"/api/v1/monitors/{key}/")
    assert answer.status_code == 404
    assert "no monitor with this id" in sentence_of(answer)


def test_a_wrong_method_is_answered_in_json(api: APIClient, workspace: Workspace) -> None:
    for method, path in [("put", "monitors/"), ("get", f"monitors/{make_monitor(workspace).pk}/run/")]:
        answer = getattr(api, method)(f"/api/v1/{path}")
        assert answer.status_code == 405
        assert "not allowed" in sentence_of(answer)


@pytest.mark.django_db
def test_a_strange_host_is_refused_in_json(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["postwatch.example"]
    answer = Client().get("/api/v1/monitors/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "Host" in sentence_of(answer)
    page = Client().get("/", headers={"host": "evil.example"})
    assert (page.status_code, "text/html" in page["Content-Type"]) == (400, True)


def test_our_own_failure_is_answered_in_json(
    api: APIClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("something that nobody may read: s3cr3t")

    monkeypatch.setattr(MonitorViewSet, "get_queryset", fail)
    api.raise_request_exception = False
    answer = api.get("/api/v1/monitors/")
    assert answer.status_code == 500
    assert "s3cr3t" not in sentence_of(answer)


def test_an_error_outside_of_any_view_does_too(
    api: APIClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("workspaces.middleware.browser_zone", fail)
    api.raise_request_exception = False
    assert sentence_of(api.get("/api/v1/monitors/"))
