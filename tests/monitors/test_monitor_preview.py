"""The right column of a monitor's form: what will happen, while one still types."""

from typing import Any

import pytest
from django.test import Client

from integrations.models import Integration
from monitors import undefined
from monitors.models import Collection, Monitor, VaultSecret
from tests.factories import CONTENT, make_collection, make_environment, make_monitor
from tests.integrations.factories import make_integration
from workspaces.models import Workspace

URL = "/w/acme/monitors/preview/"


def request(url: str, **parts: Any) -> dict[str, Any]:
    return {"name": "Ask", "request": {"method": "POST", "url": url, **parts}}


def collection_of(workspace: Workspace, *items: dict[str, Any], **parts: Any) -> Collection:
    return make_collection(workspace, content=CONTENT | {"item": list(items)} | parts)


@pytest.fixture
def typed(workspace: Workspace) -> dict[str, Any]:
    return {"schedule": "*/5 * * * *", "timezone": "UTC", "second": "0"}


def preview(client: Client, url: str = URL, /, **typed: Any) -> str:
    response = client.post(url, typed)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_the_next_times_in_the_zone_of_the_schedule(as_editor: Client, workspace: Workspace) -> None:
    page = preview(as_editor, schedule="own", cron="30 14 * * *", timezone="Asia/Tokyo", second="9")
    assert page.count("14:30:09 JST") == 4
    assert "1 start in the next 24 hours" in page


@pytest.mark.parametrize(
    ("schedule", "starts", "drawn"), [("* * * * *", 1440, 1), ("*/15 * * * *", 96, 96), ("0 */6 * * *", 4, 4)]
)
def test_the_day_line_joins_what_is_close(
    as_editor: Client, typed: dict[str, Any], schedule: str, starts: int, drawn: int
) -> None:
    page = preview(as_editor, **typed | {"schedule": schedule})
    assert f"{starts} starts in the next 24 hours" in page
    assert page.count('class="day-start"') == drawn
    assert page.count("<text ") == 4


@pytest.mark.parametrize(
    ("typed_wrongly", "words"),
    [
        ({"schedule": "own", "cron": "every day"}, "A schedule has five fields"),
        ({"timezone": "Nowhere"}, "is not a time zone"),
        ({"schedule": ""}, "A schedule has five fields"),
        ({"schedule": "weekly", "at": "", "day": "9"}, "is not a cron expression"),
    ],
)
def test_it_explains_what_is_wrong(
    as_editor: Client, typed: dict[str, Any], typed_wrongly: dict[str, str], words: str
) -> None:
    assert words in preview(as_editor, **typed | typed_wrongly)


def test_it_suggests_a_name(as_editor: Client, workspace: Workspace, typed: dict[str, Any]) -> None:
    chosen = {"collection": make_collection(workspace).pk, "environment": make_environment(workspace).pk}
    assert "Orders in Staging" in preview(as_editor, **typed | chosen)
    assert "Orders in Staging" not in preview(as_editor, name="Mine", **typed | chosen)


def test_it_names_variables_that_nothing_defines(
    as_editor: Client, workspace: Workspace, typed: dict[str, Any]
) -> None:
    collection = collection_of(workspace, request("{{baseUrl}}/orders/{{id}}"))
    page = preview(as_editor, collection=collection.pk, **typed)
    assert "<code>baseUrl</code>, <code>id</code>: no environment is chosen." in page
    environment = make_environment(workspace, baseUrl="https://api.example")
    page = preview(as_editor, collection=collection.pk, environment=environment.pk, **typed)
    assert "baseUrl" not in page
    assert f'<code>id</code> in <a href="{environment.get_absolute_url()}">' in page


def names(workspace: Workspace, *items: dict[str, Any], **parts: Any) -> list[str]:
    return undefined.undefined_variables(collection_of(workspace, *items, **parts), None)


def test_all_parts_that_are_sent_count_and_no_others(workspace: Workspace) -> None:
    sent = request(
        "{{host}}",
        header=[
            {"key": "A", "value": "{{header}}"},
            {"key": "B", "value": "{{off}}", "disabled": True},
        ],
        body={"mode": "raw", "raw": "{{body}}", "urlencoded": [{"key": "a", "value": "{{otherMode}}"}]},
        auth={"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}], "basic": "{{unused}}"},
        description="{{description}}",
    )
    assert set(names(workspace, sent)) == {"host", "header", "body", "token"}


def test_a_folder_and_the_collection_count_too(workspace: Workspace) -> None:
    bearer = {"type": "bearer", "bearer": [{"key": "token", "value": "{{ofCollection}}"}]}
    folder = {"name": "Folder", "item": [request("https://api.example/{{inFolder}}")]}
    assert names(workspace, folder, auth=bearer) == ["ofCollection", "inFolder"]


def test_what_is_defined_elsewhere_is_not_named(workspace: Workspace) -> None:
    script = {"listen": "test", "script": {"exec": ["pm.environment.set('token', 1)"]}}
    item = request("{{own}}/{{$guid}}/{{token}}/{{$nonsense}}/{{nested}}") | {"event": [script]}
    variables = [
        {"key": "own", "value": "x"},
        {"key": "nested", "value": "{{deep}}"},
        {"key": "disabled", "value": "x", "disabled": True},
    ]
    assert names(workspace, item, variable=variables) == ["$nonsense", "deep"]


def test_secrets_of_the_vault_are_known(workspace: Workspace) -> None:
    VaultSecret.objects.create(workspace=workspace, key="known", value="x")
    assert names(workspace, request("{{vault:known}}/{{vault:other}}")) == ["vault:other"]


def test_their_number_is_limited(as_editor: Client, workspace: Workspace, typed: dict[str, Any]) -> None:
    many = "/".join(f"{{{{name{number}}}}}" for number in range(5000))
    collection = collection_of(workspace, request(many))
    assert len(undefined.undefined_variables(collection, None)) == undefined.MAX_NAMES
    page = preview(as_editor, collection=collection.pk, **typed)
    assert f"and {undefined.MAX_NAMES - 20} more" in page


def test_variables_that_name_each_other_end(workspace: Workspace) -> None:
    variables = [{"key": "a", "value": "{{b}}"}, {"key": "b", "value": "{{a}}{{c}}"}]
    assert names(workspace, request("{{a}}"), variable=variables) == ["c"]


def test_it_says_who_is_notified(as_editor: Client, workspace: Workspace, typed: dict[str, Any]) -> None:
    monitor = make_monitor(workspace)
    make_integration(workspace, monitor, name="Its own")
    assert "Nobody." in preview(as_editor, **typed)
    page = preview(as_editor, f"{monitor.get_absolute_url()}preview/", **typed)
    assert "Its own" in page
    make_integration(workspace, name="All of them")
    page = preview(as_editor, **typed)
    assert "All of them" in page
    assert "Its own" not in page


def test_a_broken_integration_is_red(as_editor: Client, workspace: Workspace, typed: dict[str, Any]) -> None:
    monitor = make_monitor(workspace)
    make_integration(workspace)
    Integration.objects.update(rejections=3)
    for page in (preview(as_editor, **typed), as_editor.get(monitor.get_absolute_url()).content.decode()):
        assert "Broken: it notifies nobody" in page
        assert "s-fail" in page


def test_without_javascript_a_button_shows_it_and_stores_nothing(
    as_editor: Client, workspace: Workspace, typed: dict[str, Any]
) -> None:
    monitor = make_monitor(workspace, "Before")
    for url in ("/w/acme/monitors/add/", f"{monitor.get_absolute_url()}edit/"):
        page = preview(as_editor, url, **typed, name="Typed", preview="yes")
        assert 'value="Typed"' in page
        assert "288 starts in the next 24 hours" in page
    assert [monitor.name for monitor in Monitor.objects.all()] == ["Before"]


def test_it_looks_at_nothing_of_another_workspace(
    as_editor: Client, other_workspace: Workspace, typed: dict[str, Any]
) -> None:
    theirs = make_monitor(other_workspace, collection=collection_of(other_workspace, request("{{theirs}}")))
    assert "theirs" not in preview(as_editor, collection=theirs.collection.pk, **typed)
    assert as_editor.post(f"/w/acme/monitors/{theirs.pk}/preview/", typed).status_code == 404
