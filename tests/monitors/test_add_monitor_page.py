from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from monitors.models import Monitor, Run
from tests.factories import make_collection, make_environment
from workspaces.models import User, Workspace


@pytest.fixture
def url(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/monitors/add/"


@pytest.fixture
def typed(workspace: Workspace) -> dict[str, Any]:
    return {
        "name": "Checkout",
        "collection": str(make_collection(workspace).pk),
        "schedule": "*/5 * * * *",
        "timezone": "UTC",
        "request_timeout_ms": "0",
        "delay_request_ms": "0",
        "retries": "0",
        "follow_redirects": "on",
        "verify_tls": "on",
    }


def test_it_adds_a_monitor_and_runs_it_at_once(
    as_editor: Client, editor: User, url: str, typed: dict[str, Any]
) -> None:
    answer = as_editor.post(url, typed)
    monitor = Monitor.objects.get()
    assert answer.headers["Location"] == monitor.get_absolute_url()
    assert (monitor.name, monitor.cron, monitor.created_by) == ("Checkout", "*/5 * * * *", editor)
    assert monitor.next_run_at is not None
    assert Run.objects.get().monitor == monitor


def test_it_takes_a_cron_expression_of_ones_own(as_editor: Client, url: str, typed: dict[str, Any]) -> None:
    as_editor.post(url, typed | {"schedule": "own", "cron": "7 8-18 * * 1-5", "timezone": "Europe/Berlin"})
    monitor = Monitor.objects.get()
    assert (monitor.cron, monitor.timezone) == ("7 8-18 * * 1-5", "Europe/Berlin")


@pytest.mark.parametrize("cron", ["", "nonsense", "61 * * * *", "* * * * * *", "0 0 30 2 *"])
def test_a_wrong_cron_expression_is_explained_and_nothing_typed_is_lost(
    as_editor: Client, url: str, typed: dict[str, Any], cron: str
) -> None:
    answer = as_editor.post(url, typed | {"schedule": "own", "cron": cron})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#id_cron"' in page
    assert 'value="Checkout"' in page
    assert not Monitor.objects.exists()


@pytest.mark.parametrize("field", ["name", "collection", "timezone", "schedule"])
def test_what_is_missing_is_named(as_editor: Client, url: str, typed: dict[str, Any], field: str) -> None:
    answer = as_editor.post(url, typed | {field: ""})
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()


def test_a_collection_or_environment_of_another_workspace_cannot_be_chosen(
    as_editor: Client, url: str, typed: dict[str, Any], other_workspace: Workspace
) -> None:
    theirs = {
        "collection": str(make_collection(other_workspace, "Their secrets").pk),
        "environment": str(make_environment(other_workspace, "Their vault").pk),
    }
    for field, value in theirs.items():
        assert as_editor.post(url, typed | {field: value}).status_code == 422
    page = as_editor.get(url).content.decode()
    assert "Their secrets" not in page
    assert "Their vault" not in page


def test_the_time_zone_begins_as_the_browser_has_it(
    as_editor: Client, url: str, typed: dict[str, Any]
) -> None:
    as_editor.cookies["timezone"] = "America/Lima"
    assert '<option value="America/Lima" selected>' in as_editor.get(url).content.decode()


def test_it_takes_tags(as_editor: Client, url: str, typed: dict[str, Any]) -> None:
    as_editor.post(url, typed | {"tags": "Payments, eu  eu"})
    assert Monitor.objects.get().tags == ["payments", "eu"]


def test_a_wrong_tag_is_explained(as_editor: Client, url: str, typed: dict[str, Any]) -> None:
    answer = as_editor.post(url, typed | {"tags": "<b>"})
    assert answer.status_code == 422
    assert "is not a tag" in answer.content.decode()


def test_regions_are_offered_when_there_are_several(
    as_editor: Client, url: str, typed: dict[str, Any], settings: Settings
) -> None:
    assert "Each region runs the monitor" not in as_editor.get(url).content.decode()
    settings.REGIONS = ["default", "eu"]
    assert "Each region runs the monitor" in as_editor.get(url).content.decode()
    as_editor.post(url, typed | {"regions": ["default", "eu"]})
    assert Monitor.objects.get().regions == ["default", "eu"]
    assert Run.objects.count() == 2


def test_without_a_collection_it_says_what_to_do_first(as_editor: Client, url: str) -> None:
    assert "this workspace has none yet" in as_editor.get(url).content.decode()


def test_the_preview_shows_the_next_times_in_the_zone_of_the_schedule(as_editor: Client, url: str) -> None:
    query = {"schedule": "own", "cron": "30 14 * * *", "timezone": "Asia/Tokyo"}
    page = as_editor.get("/w/acme/monitors/preview-schedule/", query).content.decode()
    assert page.count("14:30 JST") == 4


def test_the_preview_explains_what_is_wrong(as_editor: Client, url: str) -> None:
    query = {"schedule": "own", "cron": "every day", "timezone": "UTC"}
    page = as_editor.get("/w/acme/monitors/preview-schedule/", query).content.decode()
    assert "A schedule has five fields" in page


def test_viewers_may_not(as_viewer: Client, url: str, typed: dict[str, Any]) -> None:
    assert as_viewer.get(url).status_code == as_viewer.post(url, typed).status_code == 403
    assert not Monitor.objects.exists()


def test_outsiders_find_nothing(as_outsider: Client, url: str, typed: dict[str, Any]) -> None:
    assert as_outsider.get(url).status_code == as_outsider.post(url, typed).status_code == 404
