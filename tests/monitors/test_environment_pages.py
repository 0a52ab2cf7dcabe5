import json

import pytest
from django.test import Client

from monitors.models import Environment
from tests.factories import make_collection, make_environment, make_monitor
from workspaces.models import Workspace

ADD = "/w/acme/environments/add/"


@pytest.fixture
def environment(workspace: Workspace) -> Environment:
    environment = make_environment(workspace, host="https://api.example", token="hunter2")
    environment.variables.filter(key="token").update(is_secret=True)
    return environment


def typed(*rows: dict[str, object], name: str = "Staging") -> dict[str, object]:
    """What the browser posts: `stored` is the variable that a row was made from."""
    posted: dict[str, object] = {
        "name": name,
        "variables-TOTAL_FORMS": len(rows),
        "variables-INITIAL_FORMS": sum("stored" in row for row in rows),
    }
    for number, row in enumerate(rows):
        posted |= {
            f"variables-{number}-{field}": value for field, value in ({"is_enabled": "on"} | row).items()
        }
    return posted


def stored(environment: Environment, key: str) -> int:
    return environment.variables.get(key=key).pk


def values(environment: Environment) -> dict[str, str]:
    return {variable.key: variable.value for variable in environment.variables.all()}


def test_one_is_made_with_its_variables(as_editor: Client) -> None:
    as_editor.post(ADD, typed({"key": "host", "value": "https://api.example"}, {"key": "", "value": ""}))
    assert values(Environment.objects.get()) == {"host": "https://api.example"}


def test_a_stored_secret_is_never_shown(as_editor: Client, environment: Environment) -> None:
    shown = as_editor.get(environment.get_absolute_url()).content.decode()
    assert "https://api.example" in shown
    assert "hunter2" not in shown


def test_a_secret_that_is_left_blank_stays(as_editor: Client, environment: Environment) -> None:
    row = {"stored": stored(environment, "token"), "key": "api_token", "value": "", "is_secret": "on"}
    as_editor.post(environment.get_absolute_url(), typed(row))
    assert values(environment) == {"api_token": "hunter2"}


def test_a_secret_is_replaced_by_what_is_typed(as_editor: Client, environment: Environment) -> None:
    row = {"stored": stored(environment, "token"), "key": "token", "value": "new", "is_secret": "on"}
    as_editor.post(environment.get_absolute_url(), typed(row))
    assert values(environment) == {"token": "new"}


def test_a_secret_is_not_made_readable_by_a_tick(as_editor: Client, environment: Environment) -> None:
    row = {"stored": stored(environment, "token"), "key": "token", "value": ""}
    answer = as_editor.post(environment.get_absolute_url(), typed(row))
    assert "Enter the value again" in answer.content.decode()
    assert environment.variables.get(key="token").is_secret


def test_the_secret_of_another_environment_cannot_be_taken(
    as_editor: Client, environment: Environment, other_workspace: Workspace
) -> None:
    other = make_environment(other_workspace, token="theirs")
    other.variables.update(is_secret=True)
    row = {"stored": stored(other, "token"), "key": "token", "value": "", "is_secret": "on"}
    as_editor.post(environment.get_absolute_url(), typed(row))
    assert values(environment) == {"token": "hunter2"}, "its own one of this name stays"


def test_a_row_is_removed(as_editor: Client, environment: Environment) -> None:
    rows = [
        {"stored": stored(environment, "host"), "key": "host", "value": "https://api.example"},
        {"stored": stored(environment, "token"), "key": "token", "is_secret": "on", "DELETE": "on"},
    ]
    as_editor.post(environment.get_absolute_url(), typed(*rows))
    assert values(environment) == {"host": "https://api.example"}


def test_a_value_needs_a_name_and_nothing_typed_is_lost(as_editor: Client) -> None:
    answer = as_editor.post(ADD, typed({"key": "", "value": "kept"}))
    assert answer.status_code == 422
    assert "Give this value a name." in answer.content.decode()
    assert "kept" in answer.content.decode()


def test_without_javascript_the_server_adds_a_row(as_editor: Client) -> None:
    answer = as_editor.post(ADD, typed({"key": "host", "value": "kept"}) | {"add-row": "1"})
    assert 'name="variables-1-key"' in answer.content.decode()
    assert "kept" in answer.content.decode()
    assert not Environment.objects.exists()


def test_postmans_export_is_imported_with_its_secrets(as_editor: Client) -> None:
    exported = {
        "name": "Production",
        "values": [
            {"key": "host", "value": "https://api.example", "enabled": True},
            {"key": "token", "value": "hunter2", "type": "secret", "enabled": True},
        ],
    }
    as_editor.post("/w/acme/environments/import/", {"text": json.dumps(exported)})
    environment = Environment.objects.get()
    assert environment.name == "Production"
    assert environment.variables.get(key="token").is_secret


def test_viewers_read_it_without_secrets(as_viewer: Client, environment: Environment) -> None:
    shown = as_viewer.get(environment.get_absolute_url()).content.decode()
    assert "https://api.example" in shown
    assert "hunter2" not in shown
    assert '<form method="post" class' not in shown


def test_viewers_change_nothing(as_viewer: Client, environment: Environment) -> None:
    assert as_viewer.post(environment.get_absolute_url(), typed()).status_code == 403
    assert as_viewer.get(ADD).status_code == 403


def test_it_is_hidden_from_outsiders(as_outsider: Client, environment: Environment) -> None:
    assert as_outsider.get(environment.get_absolute_url()).status_code == 404
    assert as_outsider.post(environment.get_absolute_url(), typed()).status_code == 404
    assert as_outsider.post(f"{environment.get_absolute_url()}delete/").status_code == 404


def test_it_is_deleted_after_a_question(as_editor: Client, environment: Environment) -> None:
    url = f"{environment.get_absolute_url()}delete/"
    assert "deleted permanently" in as_editor.get(url).content.decode()
    as_editor.post(url)
    assert not Environment.objects.exists()


def test_one_that_a_monitor_uses_stays(as_editor: Client, environment: Environment) -> None:
    make_monitor(environment.workspace, environment=environment)
    as_editor.post(f"{environment.get_absolute_url()}delete/")
    assert Environment.objects.exists()


TWICE = "“host” is here twice: remove or disable all but one of them."


def test_two_variables_of_one_name_are_refused_and_nothing_typed_is_lost(as_editor: Client) -> None:
    rows: list[dict[str, object]] = [{"key": "host", "value": "a"}, {"key": "host", "value": "b-as-typed"}]
    answer = as_editor.post(ADD, typed(*rows))
    assert answer.status_code == 422
    assert TWICE in answer.content.decode()
    assert "b-as-typed" in answer.content.decode()
    assert not Environment.objects.exists()


def test_a_disabled_variable_may_stand_beside_one_of_its_name(as_editor: Client) -> None:
    rows: list[dict[str, object]] = [
        {"key": "host", "value": "a"},
        {"key": "host", "value": "b", "is_enabled": ""},
    ]
    assert as_editor.post(ADD, typed(*rows)).status_code == 302


def test_an_import_with_two_variables_of_one_name_is_refused(as_editor: Client) -> None:
    values = [{"key": "host", "value": "a"}, {"key": "host", "value": "b"}]
    text = json.dumps({"name": "Staging", "values": values})
    answer = as_editor.post("/w/acme/environments/import/", {"text": text})
    assert answer.status_code == 422
    assert TWICE in answer.content.decode()


def test_of_many_monitors_it_names_the_first_and_leads_to_all(
    as_editor: Client, workspace: Workspace
) -> None:
    environment = make_environment(workspace)
    collection = make_collection(workspace)
    for number in range(25):
        make_monitor(workspace, f"Monitor {number:02}", collection=collection, environment=environment)
    page = as_editor.get(environment.get_absolute_url()).content.decode()
    refusal = as_editor.get(f"{environment.get_absolute_url()}delete/").content.decode()
    for text in (page, refusal):
        assert "Monitor 19" in text
        assert "Monitor 20" not in text
        assert f'<a href="/w/acme/monitors/?environment={environment.pk}">All 25 monitors</a>' in text
