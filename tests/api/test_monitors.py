from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from monitors.models import Monitor, Run
from tests.factories import make_collection, make_environment, make_monitor, make_run
from workspaces.models import Workspace


def body(workspace: Workspace, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Checkout",
        "collection": str(make_collection(workspace).pk),
        "schedule": {"cron": "*/15 * * * *", "timezone": "Europe/Berlin"},
    } | fields


def test_a_monitor_is_created_and_scheduled(api: APIClient, workspace: Workspace) -> None:
    environment = make_environment(workspace)
    options = {"request_timeout_ms": 5000, "retries": 2, "follow_redirects": False}
    response = api.post(
        "/api/v1/monitors/", body(workspace, environment=str(environment.pk), options=options)
    )
    assert response.status_code == 201, response.json()
    monitor = Monitor.objects.get()
    assert (monitor.cron, monitor.timezone) == ("*/15 * * * *", "Europe/Berlin")
    assert (monitor.request_timeout_ms, monitor.retries, monitor.follow_redirects) == (5000, 2, False)
    assert monitor.environment == environment
    assert monitor.next_run_at
    assert monitor.next_run_at > timezone.now()
    assert response.json()["regions"] == ["default"]


def test_a_new_monitor_runs_at_once_as_one_made_on_a_page_does(api: APIClient, workspace: Workspace) -> None:
    api.post("/api/v1/monitors/", body(workspace))
    assert Run.objects.get().monitor == Monitor.objects.get()


def test_one_that_is_created_paused_does_not_run(api: APIClient, workspace: Workspace) -> None:
    made = api.post("/api/v1/monitors/", body(workspace, is_paused=True))
    assert (made.status_code, made.json()["is_paused"]) == (201, True)
    assert not Run.objects.exists()
    unpaused = api.patch(f"/api/v1/monitors/{made.json()['id']}/", {"is_paused": False})
    assert (unpaused.status_code, unpaused.json()) == (
        400,
        {"is_paused": ["Use the actions pause and resume."]},
    )
    as_it_was = api.patch(f"/api/v1/monitors/{made.json()['id']}/", {"is_paused": True, "name": "Renamed"})
    assert (as_it_was.status_code, as_it_was.json()["name"]) == (200, "Renamed")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("schedule", {"cron": "61 * * * *"}, "61"),
        ("schedule", {"cron": "* * * *"}, "five fields"),
        ("schedule", {"timezone": "Mars/Olympus"}, "not a time zone"),
        ("schedule", {"cron": None}, "may not be null"),
        ("schedule", "* * * * *", "must be a JSON object"),
        ("options", {"retries": 6}, "less than or equal to 5"),
        ("options", {"request_timeout_ms": 10**30}, "300000"),
        ("options", {"retry": 1}, "no such field"),
        ("regions", ["moon"], '"moon" is not a valid choice. Known: default.'),
        ("regions", [{"a": None}], '{"a": null} is not a valid choice.'),
        ("regions", [True], "true is not a valid choice."),
        ("regions", [], "empty"),
        ("regions", "default", "must be a JSON list"),
        ("name", "", "blank"),
        ("name", {}, "string"),
        ("collection", "abc", "UUID"),
        ("collection", "00000000-0000-0000-0000-000000000000", "no collection with this id"),
        ("collection", 1, "no collection with this id"),
        ("environment", ["x"], "UUID"),
        ("enviroment", None, "no such field"),
    ],
)
def test_what_is_wrong_is_said(
    api: APIClient, workspace: Workspace, field: str, value: Any, told: str
) -> None:
    response = api.post("/api/v1/monitors/", body(workspace, **{field: value}))
    assert response.status_code == 400
    assert told in str(response.json()[field])
    assert not Monitor.objects.exists()


def test_collections_and_environments_of_another_workspace_do_not_exist(
    api: APIClient, workspace: Workspace, other_workspace: Workspace
) -> None:
    theirs = {
        "collection": str(make_collection(other_workspace).pk),
        "environment": str(make_environment(other_workspace).pk),
    }
    response = api.post("/api/v1/monitors/", body(workspace) | theirs)
    assert response.json() == {
        "collection": ["There is no collection with this id in this workspace."],
        "environment": ["There is no environment with this id in this workspace."],
    }


def test_a_new_schedule_moves_the_next_run(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="0 0 1 1 *")
    response = api.patch(f"/api/v1/monitors/{monitor.pk}/", {"schedule": {"cron": "* * * * *"}})
    assert response.status_code == 200
    assert response.json()["schedule"] == {"cron": "* * * * *", "timezone": "UTC", "second": 0}
    monitor.refresh_from_db()
    assert monitor.next_run_at
    assert (monitor.next_run_at - timezone.now()).total_seconds() <= 60


def test_an_update_never_undoes_a_pause(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    paused = api.post(f"/api/v1/monitors/{monitor.pk}/pause/").json()
    assert paused["is_paused"] is True
    paused |= {"is_paused": False, "name": "Renamed"}
    response = api.put(f"/api/v1/monitors/{monitor.pk}/", paused)
    assert (response.status_code, response.json()) == (
        400,
        {"is_paused": ["Use the actions pause and resume."]},
    )
    monitor.refresh_from_db()
    assert monitor.is_paused


def test_a_paused_monitor_is_resumed(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    monitor.pause()
    assert api.post(f"/api/v1/monitors/{monitor.pk}/resume/").json()["is_paused"] is False


def test_an_update_keeps_what_a_run_wrote_meanwhile(workspace: Workspace, api: APIClient) -> None:
    monitor = make_monitor(workspace)
    address = f"/api/v1/monitors/{monitor.pk}/"
    read = api.get(address).json()
    make_run(monitor, "failure")
    response = api.put(address, read | {"name": "Renamed"})
    assert (response.json()["name"], response.json()["consecutive_failures"]) == ("Renamed", 1)


def test_run_queues_a_run_and_answers_202(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    response = api.post(f"/api/v1/monitors/{monitor.pk}/run/")
    assert response.status_code == 202
    (queued,) = response.json()["results"]
    assert (queued["status"], queued["type"], queued["result"]) == ("queued", "manual", None)
    assert Run.objects.get().pk == queued["id"]


def test_a_deleted_monitor_is_gone(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace)
    assert api.delete(f"/api/v1/monitors/{monitor.pk}/").status_code == 204
    assert api.get(f"/api/v1/monitors/{monitor.pk}/").json() == {
        "detail": "There is no monitor with this id in this workspace."
    }


def test_tags_are_kept_in_lower_case_and_find_monitors(api: APIClient, workspace: Workspace) -> None:
    created = api.post("/api/v1/monitors/", body(workspace, tags=["Payments", "eu", "payments"])).json()
    assert created["tags"] == ["payments", "eu"]
    make_monitor(workspace, "Search", tags=["pay"])
    found = api.get("/api/v1/monitors/?tag=payments").json()["results"]
    assert [monitor["id"] for monitor in found] == [created["id"]]


@pytest.mark.parametrize(
    "tags", ["payments", ["two words"], [""], [1, []], [f"t{n}" for n in range(30)], None]
)
def test_what_is_not_a_list_of_tags_is_refused(api: APIClient, workspace: Workspace, tags: Any) -> None:
    response = api.post("/api/v1/monitors/", body(workspace, tags=tags))
    assert response.status_code == 400
    assert list(response.json()) == ["tags"]


def test_the_second_of_the_minute_is_shown_and_can_be_changed(api: APIClient, workspace: Workspace) -> None:
    monitor = make_monitor(workspace, cron="0 9 * * *", second=None)
    address = f"/api/v1/monitors/{monitor.pk}/"
    schedule = api.get(address).json()["schedule"]
    assert schedule == {"cron": "0 9 * * *", "timezone": "UTC", "second": monitor.pk.int % 60}
    changed = api.patch(address, {"schedule": {"second": 42}}, format="json")
    assert changed.json()["next_run_at"].endswith("T09:00:42Z")
    for wrong in (60, -1, None, "x"):
        response = api.patch(address, {"schedule": {"second": wrong}}, format="json")
        assert response.status_code == 400


def test_a_monitor_is_duplicated(api: APIClient, workspace: Workspace) -> None:
    original = make_monitor(workspace, tags=["eu"], cron="0 9 * * *", retries=3)
    address = f"/api/v1/monitors/{original.pk}/duplicate/"
    copied = api.post(address).json()
    assert (copied["name"], copied["tags"], copied["options"]["retries"]) == ("Checkout (copy)", ["eu"], 3)
    assert copied["id"] != str(original.pk)
    assert Run.objects.get().monitor_id == UUID(copied["id"])
    original.pause()
    named = api.post(address, {"name": "Second"}, format="json")
    assert (named.status_code, named.json()["name"], named.json()["is_paused"]) == (201, "Second", True)
    assert api.post(address, {"nonsense": 1}, format="json").status_code == 400
