from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from monitors.models import MaintenanceWindow, Monitor, Result
from tests.factories import make_monitor, make_run, make_window
from workspaces.models import Workspace

PATH = "/api/v1/maintenance-windows/"


@pytest.fixture
def monitor(workspace: Workspace) -> Monitor:
    return make_monitor(workspace)


def once(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Upgrade",
        "scope": "workspace",
        "starts_at": "2030-07-01T22:00:00+02:00",
        "ends_at": "2030-07-02T01:00:00+02:00",
    } | fields


def again(**fields: Any) -> dict[str, Any]:
    recurring = {"cron": "0 2 * * *", "duration_minutes": 60, "timezone": "Europe/Berlin"}
    return {"name": "Nightly", "mode": "skip", "scope": "workspace"} | recurring | fields


def test_a_one_off_window_is_planned(api: APIClient, workspace: Workspace) -> None:
    response = api.post(PATH, once())
    assert response.status_code == 201, response.json()
    created = response.json()
    assert (created["workspace"], created["mode"], created["is_active"]) == (workspace.slug, "mute", False)
    assert created["starts_at"] == "2030-07-01T20:00:00Z"


def test_a_recurring_window_tells_its_next_occurrence(api: APIClient) -> None:
    created = api.post(PATH, again()).json()
    window = MaintenanceWindow.objects.get(pk=created["id"])
    assert window.ends_at - window.starts_at == timedelta(hours=1)
    assert window.ends_at > timezone.now()


def test_it_is_for_chosen_monitors_or_a_tag(api: APIClient, monitor: Monitor) -> None:
    chosen = api.post(PATH, once(scope="monitors", monitors=[str(monitor.pk)])).json()
    assert chosen["monitors"] == [str(monitor.pk)]
    assert api.post(PATH, once(scope="tag", tag="Payments")).json()["tag"] == "payments"


@pytest.mark.parametrize("body", [once(), again()])
def test_what_was_read_can_be_written_back(api: APIClient, body: dict[str, Any]) -> None:
    created = api.post(PATH, body).json()
    response = api.put(f"{PATH}{created['id']}/", created | {"name": "Renamed"})
    assert response.status_code == 200, response.json()
    kept = {name: value for name, value in created.items() if name != "updated_at"}
    assert response.json().items() >= (kept | {"name": "Renamed"}).items()


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"scope": None}, "scope", "null"),
        ({"scope": "everything"}, "scope", "everything"),
        ({"mode": "explode"}, "mode", "explode"),
        ({"scope": "tag"}, "tag", "Choose a tag"),
        ({"scope": "monitors"}, "monitors", "at least one"),
        ({"scope": "monitors", "monitors": []}, "monitors", "at least one"),
        ({"starts_at": "tomorrow"}, "starts_at", "format"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at", "range"),
        ({"ends_at": "2030-07-01T19:00:00Z"}, "ends_at", "after the start"),
        ({"timezone": "Mars/Olympus"}, "timezone", "not a time zone"),
        ({"cron": "x", "duration_minutes": 5}, "cron", "five fields"),
        ({"cron": "0 2 * * *"}, "duration_minutes", "Enter a number of minutes"),
        ({"cron": "* * * * *", "duration_minutes": 1}, "duration_minutes", "start again"),
        ({"cron": "0 2 * * *", "duration_minutes": 10**30}, "duration_minutes", ""),
        ({"duration": 5}, "duration", "no such field"),
    ],
)
def test_what_is_wrong_is_said(api: APIClient, fields: dict[str, Any], field: str, told: str) -> None:
    response = api.post(PATH, once(**fields))
    assert response.status_code == 400
    assert told in str(response.json()[field])
    assert not MaintenanceWindow.objects.exists()


def test_a_window_needs_to_say_what_it_is_for_and_when(api: APIClient) -> None:
    assert api.post(PATH, {"name": "Upgrade"}).json() == {"scope": ["This field is required."]}
    response = api.post(PATH, {"name": "Upgrade", "scope": "workspace"})
    assert response.json() == {"starts_at": ["Enter a date and time."]}


def test_monitors_of_other_workspaces_cannot_be_chosen(api: APIClient, other_workspace: Workspace) -> None:
    theirs = make_monitor(other_workspace)
    response = api.post(PATH, once(scope="monitors", monitors=[str(theirs.pk)]))
    assert response.json() == {"monitors": ["There is no monitor with this id in this workspace."]}


@pytest.mark.parametrize("how", ["end", "delete"])
def test_ending_it_has_failing_monitors_run_at_once(
    api: APIClient, workspace: Workspace, monitor: Monitor, how: str
) -> None:
    window = make_window(workspace)
    make_run(monitor, Result.FAILURE)
    if how == "end":
        assert api.post(f"{PATH}{window.pk}/end/").json()["is_active"] is False
    else:
        assert api.delete(f"{PATH}{window.pk}/").status_code == 204
    assert Monitor.objects.due(timezone.now()).exists()


def test_other_keys_find_and_change_nothing(
    other_api: APIClient, viewer_api: APIClient, workspace: Workspace
) -> None:
    window = make_window(workspace)
    for send in (other_api.get, other_api.patch, other_api.delete):
        assert send(f"{PATH}{window.pk}/").status_code == 404
    assert other_api.post(f"{PATH}{window.pk}/end/").status_code == 404
    assert viewer_api.get(PATH).json()["results"][0]["name"] == "Deploy"
    assert viewer_api.post(f"{PATH}{window.pk}/end/").status_code == 403


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"ends_at": "9999-12-31T23:59:59Z"}, "ends_at"), ({"starts_at": "0001-01-01T00:00:00Z"}, "starts_at")],
)
def test_a_time_that_no_page_could_show_is_refused(
    api: APIClient, fields: dict[str, Any], wrong: str
) -> None:
    response = api.post(PATH, once(**fields))
    assert (response.status_code, response.json()) == (400, {wrong: ["Enter a year from 1970 to 2199."]})


def test_the_tag_of_no_monitor_is_accepted_and_said_to_cover_none(
    api: APIClient, workspace: Workspace
) -> None:
    make_monitor(workspace, tags=["payments"])
    times = {"starts_at": "2030-07-01T22:00", "ends_at": "2030-07-01T23:00", "scope": "tag"}
    covered = api.post(PATH, {"name": "Upgrade", "mode": "mute", "tag": "payments"} | times)
    nothing = api.post(PATH, {"name": "Upgrade", "mode": "mute", "tag": "paymets"} | times)
    assert (covered.status_code, covered.json()["covers_no_monitor"]) == (201, False)
    assert (nothing.status_code, nothing.json()["covers_no_monitor"]) == (201, True)
