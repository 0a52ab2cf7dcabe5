from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from monitors.models import Monitor, Run
from tests.factories import make_collection, make_environment, make_monitor
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


@pytest.mark.parametrize("field", ["collection", "timezone", "schedule"])
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
    assert 'value="America/Lima"' in as_editor.get(url).content.decode()


def test_time_zones_are_those_of_cities(as_editor: Client, url: str, typed: dict[str, Any]) -> None:
    page = as_editor.get(url).content.decode()
    assert '<option value="Europe/Berlin">' in page
    assert "Etc/GMT" not in page


def test_a_time_zone_that_does_not_exist_is_explained(
    as_editor: Client, url: str, typed: dict[str, Any]
) -> None:
    answer = as_editor.post(url, typed | {"timezone": "Europe/Nowhere"})
    assert answer.status_code == 422
    assert "is not a time zone" in answer.content.decode()


@pytest.mark.parametrize(
    ("chosen", "cron"),
    [
        ({"schedule": "*/2 * * * *"}, "*/2 * * * *"),
        ({"schedule": "0 */12 * * *"}, "0 */12 * * *"),
        ({"schedule": "daily", "at": "07:30"}, "30 7 * * *"),
        ({"schedule": "weekdays", "at": "18:05"}, "5 18 * * 1-5"),
        ({"schedule": "weekly", "at": "09:00", "day": "0"}, "0 9 * * 0"),
    ],
)
def test_every_choice_makes_its_cron_expression(
    as_editor: Client, url: str, typed: dict[str, Any], chosen: dict[str, str], cron: str
) -> None:
    as_editor.post(url, typed | chosen)
    assert Monitor.objects.get().cron == cron


def test_a_time_of_the_day_must_be_given(as_editor: Client, url: str, typed: dict[str, Any]) -> None:
    answer = as_editor.post(url, typed | {"schedule": "daily", "at": ""})
    assert answer.status_code == 422
    assert "Enter a time, such as 09:00." in answer.content.decode()


def test_without_a_name_it_is_named_after_its_collection_and_environment(
    as_editor: Client, url: str, typed: dict[str, Any], workspace: Workspace
) -> None:
    environment = make_environment(workspace, "Staging")
    as_editor.post(url, typed | {"name": "", "environment": str(environment.pk)})
    assert Monitor.objects.get().name == "Orders in Staging"


def test_the_collection_of_the_link_is_chosen_and_names_it(
    as_editor: Client, url: str, workspace: Workspace, other_workspace: Workspace
) -> None:
    page = as_editor.get(f"{url}?collection={make_collection(workspace, 'Payments').pk}").content.decode()
    assert 'value="Payments"' in page
    theirs = make_collection(other_workspace, "Their secrets")
    assert "Their secrets" not in as_editor.get(f"{url}?collection={theirs.pk}").content.decode()
    assert as_editor.get(f"{url}?collection=nonsense").status_code == 200


def test_a_copy_begins_with_the_settings_of_the_original(
    as_editor: Client, url: str, workspace: Workspace, other_workspace: Workspace
) -> None:
    original = make_monitor(workspace, tags=["eu"], cron="30 7 * * *", retries=3, second=7)
    assert f"{url}?copy={original.pk}" in as_editor.get(original.get_absolute_url()).content.decode()
    page = as_editor.get(f"{url}?copy={original.pk}").content.decode()
    for value in ("Checkout (copy)", "eu", "07:30", "3"):
        assert f'value="{value}"' in page
    assert Monitor.objects.count() == 1
    theirs = make_monitor(other_workspace)
    for unknown in (theirs.pk, "nonsense"):
        assert as_editor.get(f"{url}?copy={unknown}").status_code == 404


def test_a_copy_is_a_monitor_of_its_own(
    as_editor: Client, url: str, typed: dict[str, Any], workspace: Workspace
) -> None:
    original = make_monitor(workspace, second=7)
    as_editor.post(f"{url}?copy={original.pk}", typed | {"name": "Second"})
    copied = Monitor.objects.get(name="Second")
    assert copied.second == copied.pk.int % 60
    assert Run.objects.get().monitor == copied


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


def test_viewers_may_not(as_viewer: Client, url: str, typed: dict[str, Any]) -> None:
    assert as_viewer.get(url).status_code == as_viewer.post(url, typed).status_code == 403
    assert not Monitor.objects.exists()


def test_outsiders_find_nothing(as_outsider: Client, url: str, typed: dict[str, Any]) -> None:
    assert as_outsider.get(url).status_code == as_outsider.post(url, typed).status_code == 404
