"""Outages by API."""

from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from integrations.pagerduty.standin import StandIn
from monitors import maintenance
from monitors.models import Monitor, Outage
from tests.conftest import client_of
from tests.factories import make_monitor
from tests.integrations.conftest import *  # noqa: F403
from tests.integrations.factories import deliver_all, fail, make_integration, succeed
from workspaces.models import Role, Workspace

pytestmark = pytest.mark.django_db

URL = "/api/v1/outages/"


@pytest.fixture
def outage(monitor: Monitor) -> Outage:
    fail(monitor, minutes_ago=60)
    outage: Outage = Outage.objects.get()
    return outage


def found(api: APIClient, query: str) -> list[str]:
    return [one["monitor_name"] for one in api.get(URL + query).json()["results"]]


def test_it_says_what_failed_since_when_and_where(api: APIClient, outage: Outage, monitor: Monitor) -> None:
    (shown,) = api.get(URL).json()["results"]
    assert (shown["monitor"], shown["monitor_name"]) == (str(monitor.pk), "Checkout")
    assert (shown["is_open"], shown["ended_at"], shown["ended_because"]) == (True, None, "")
    assert (shown["cause"], shown["result"]) == ("Create order: Status is 201", "failure")
    assert (shown["regions"], shown["failed_runs"]) == (["default"], 1)
    assert shown["first_run"] == shown["last_run"] == outage.first_run_id


def test_it_is_filtered_by_monitor_state_tag_and_time(
    api: APIClient, outage: Outage, monitor: Monitor, workspace: Workspace
) -> None:
    other = make_monitor(workspace, "Search", tags=["shop"])
    fail(other, minutes_ago=600)
    succeed(other, minutes_ago=500)
    assert found(api, "") == ["Checkout", "Search"]
    assert found(api, f"?monitor={other.pk}") == ["Search"]
    assert found(api, "?state=open") == ["Checkout"]
    assert found(api, "?tag=shop") == ["Search"]

    def hours_ago(hours: int) -> str:
        return (timezone.now() - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert found(api, f"?until={hours_ago(2)}") == ["Search"]
    assert found(api, f"?since={hours_ago(5)}") == ["Checkout"]
    assert found(api, f"?since={hours_ago(9)}&until={hours_ago(9)}") == ["Search"]


def test_its_pages_go_back_in_time(api: APIClient, outage: Outage, workspace: Workspace) -> None:
    fail(make_monitor(workspace, "Search"), minutes_ago=30)
    first = api.get(f"{URL}?page_size=1").json()
    assert [one["monitor_name"] for one in first["results"]] == ["Search"]
    second = api.get(first["next"]).json()
    assert [one["monitor_name"] for one in second["results"]] == ["Checkout"]
    assert second["next"] is None


@pytest.mark.parametrize("position", ["junk", "12", "2026-13-01T00:00:00Z", "9" * 400])
def test_a_cursor_that_nobody_was_given_is_not_found(api: APIClient, position: str) -> None:
    cursor = b64encode(urlencode({"p": position}).encode()).decode()
    assert api.get(URL, {"cursor": cursor}).status_code == 404


@pytest.mark.parametrize(
    ("time", "begun_before"),
    [("0001-01-01T00:00:00%2B14:00", []), ("9999-12-31T23:59:59-12:00", ["Checkout"])],
)
def test_the_ends_of_the_calendar_break_nothing(
    api: APIClient, outage: Outage, time: str, begun_before: list[str]
) -> None:
    assert found(api, f"?since={time}") == ["Checkout"]
    assert found(api, f"?until={time}") == begun_before


@pytest.mark.parametrize("query", ["state=closed", "since=yesterday", "monitor=junk"])
def test_a_value_that_no_filter_knows_is_an_error(api: APIClient, query: str) -> None:
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()


def test_one_shows_its_incidents_and_whom_they_notified(
    api: APIClient, workspace: Workspace, monitor: Monitor, standin: StandIn
) -> None:
    integration = make_integration(workspace)
    fail(monitor)
    deliver_all()
    shown = api.get(f"{URL}{Outage.objects.get().pk}/").json()
    (incident,) = shown["incidents"]
    assert (incident["integration"], incident["outage"]) == (str(integration.pk), shown["id"])
    (notification,) = shown["notifications"]
    assert (notification["integration"], notification["provider"]) == (str(integration.pk), "pagerduty")
    assert notification["notified_at"]
    assert api.get(f"/api/v1/incidents/?outage={shown['id']}").json()["count"] == 1


def test_it_is_acknowledged_noted_and_resolved(api: APIClient, outage: Outage) -> None:
    url = f"{URL}{outage.pk}/"
    assert api.post(f"{url}acknowledge/").json()["acknowledged_by"].startswith("automation")
    assert api.post(f"{url}note/", {"text": "Looking"}, format="json").status_code == 201
    resolved = api.post(f"{url}resolve/").json()
    assert (resolved["is_open"], resolved["ended_because"]) == (False, "by_hand")
    assert resolved["ended_by"].startswith("automation")
    assert [note["text"] for note in resolved["notes"]] == ["Looking"]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 2001}, {"text": "Looking", "by": "Ada"}])
def test_a_note_has_a_text_and_nothing_else(api: APIClient, outage: Outage, body: dict[str, str]) -> None:
    assert api.post(f"{URL}{outage.pk}/note/", body, format="json").status_code == 400


def test_its_monitor_is_muted(api: APIClient, outage: Outage, monitor: Monitor) -> None:
    response = api.post(f"{URL}{outage.pk}/mute/", {"minutes": 30}, format="json")
    assert response.status_code == 200
    assert maintenance.is_muted(monitor, timezone.now() + timedelta(minutes=29))
    assert not maintenance.is_muted(monitor, timezone.now() + timedelta(minutes=31))


def test_nothing_is_muted_when_its_monitor_is_deleted(
    api: APIClient, outage: Outage, monitor: Monitor
) -> None:
    monitor.delete()
    assert api.post(f"{URL}{outage.pk}/mute/", {"minutes": 30}, format="json").status_code == 409
    assert api.get(f"{URL}{outage.pk}/").json()["monitor"] is None


def test_viewers_read_only(workspace: Workspace, outage: Outage) -> None:
    viewer = client_of(workspace, Role.VIEWER)
    assert viewer.get(URL).status_code == 200
    for action in ("acknowledge", "note", "resolve", "mute"):
        assert viewer.post(f"{URL}{outage.pk}/{action}/").status_code == 403
