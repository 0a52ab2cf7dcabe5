"""A value of an environment keeps its JSON type, whichever way it comes in, until a script reads it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from monitors import worker
from monitors.models import Environment
from monitors.models.runs import Run, RunType
from monitors.runner import load_variables
from tests.conftest import client_of
from tests.factories import make_collection, make_monitor
from workspaces.models import Role, Workspace

VALUES: dict[str, Any] = {
    "number": 5,
    "fraction": 0.5,
    "no": False,
    "nothing": None,
    "object": {"a": 1},
    "list": [1, "2"],
    "text": "5",
    "empty": "",
}
EXPORTED = {"name": "Staging", "values": [{"key": key, "value": value} for key, value in VALUES.items()]}
SCRIPT = """
console.log("seen", JSON.stringify(Object.keys(pm.environment.toObject()).sort().map(
  (key) => [key, pm.environment.get(key)])));
console.log("filled in", pm.variables.replaceIn("{{number}} {{no}} {{nothing}} {{object}} {{list}}"));
console.log("sum", pm.environment.get("number") + 1);
"""


def by_page(workspace: Workspace, client: Client) -> None:
    client.post(f"/w/{workspace.slug}/environments/import/", {"text": json.dumps(EXPORTED)})


def by_api(workspace: Workspace, client: Client) -> None:
    client_of(workspace, Role.EDITOR).post("/api/v1/environments/", {"environment": EXPORTED}, format="json")


def by_page_saved_again(workspace: Workspace, client: Client) -> None:
    """As a browser posts a form that nobody changed."""
    by_page(workspace, client)
    address = Environment.objects.get().get_absolute_url()
    client.post(address, form_of(client, address))


def by_export(workspace: Workspace, client: Client) -> None:
    by_page(workspace, client)
    environment = Environment.objects.get()
    exported = client.get(f"{environment.get_absolute_url()}export/").content.decode()
    environment.delete()
    client.post(f"/w/{workspace.slug}/environments/import/", {"text": exported})


def form_of(client: Client, address: str) -> dict[str, Any]:
    context = client.get(address).context
    forms = [context["form"], context["rows"].management_form, *context["rows"]]
    fields = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in fields.items() if value not in (None, False)}


def console_of_a_run(workspace: Workspace, environment: Environment) -> str:
    request = {"method": "GET", "url": "http://127.0.0.1:9/"}
    event = {"listen": "prerequest", "script": {"exec": SCRIPT.splitlines()}}
    content = {"info": {"name": "c"}, "item": [{"name": "a", "event": [event], "request": request}]}
    collection = make_collection(workspace, content=content)
    monitor = make_monitor(workspace, collection=collection, environment=environment)
    run = Run.queue(monitor, "default", RunType.MANUAL)
    worker.execute(run.pk)
    return "\n".join(line.text for line in run.detail.console)


@pytest.mark.parametrize("way_in", [by_page, by_api, by_page_saved_again, by_export])
def test_a_script_gets_the_type_that_the_file_has(
    workspace: Workspace, as_editor: Client, way_in: Callable[[Workspace, Client], None]
) -> None:
    way_in(workspace, as_editor)
    console = console_of_a_run(workspace, Environment.objects.get())
    found = re.search(r"seen '?(\[\[.*?\]\])'?$", console, re.MULTILINE)
    assert found, console
    assert dict(json.loads(found[1])) == VALUES
    assert "filled in 5 false null [object Object] 1,2" in console.replace("'", "")
    assert "sum 6" in console


def test_a_type_that_the_file_names_is_the_type_of_the_value(workspace: Workspace, as_editor: Client) -> None:
    rows = [
        {"key": "port", "value": "8080", "type": "number"},
        {"key": "on", "value": True, "type": "boolean"},
        {"key": "words", "value": '["a"]', "type": "array"},
        {"key": "no number", "value": "many", "type": "number"},
    ]
    as_editor.post(f"/w/{workspace.slug}/environments/import/", {"text": json.dumps({"values": rows})})
    stored = {variable.key: variable.value for variable in Environment.objects.get().variables.all()}
    assert stored == {"port": 8080, "on": True, "words": ["a"], "no number": "many"}


def test_what_postman_switched_off_is_used_as_its_cli_does_and_the_page_says_so(
    workspace: Workspace, as_editor: Client
) -> None:
    rows = [
        {"key": "unticked", "value": "x", "enabled": False},
        {"key": "disabled", "value": "x", "disabled": True},
    ]
    file = {"name": "Staging", "values": rows}
    page = as_editor.post(
        f"/w/{workspace.slug}/environments/import/", {"text": json.dumps(file)}, follow=True
    ).content.decode()
    assert "Disabled in Postman, but runs use them" in page
    assert "does: unticked." in page
    by_monitor = worker.scope_of(environment := Environment.objects.get(), list(environment.variables.all()))
    by_command = load_variables(file)
    for scope in (by_monitor, by_command):
        assert scope is not None
        assert scope.find("unticked") is not None
        assert scope.find("disabled") is None


def test_the_export_means_the_same_to_the_command_line_and_holds_no_secret(
    workspace: Workspace, as_viewer: Client
) -> None:
    environment = Environment.objects.create(workspace=workspace, name="Staging: EU")
    environment.variables.create(key="token", value="hunter2", is_secret=True)
    environment.variables.create(key="off", value="x", is_enabled=False)
    environment.variables.create(key="port", value=8080)
    response = as_viewer.get(f"{environment.get_absolute_url()}export/")
    assert "staging-eu.postman_environment.json" in response["Content-Disposition"]
    assert "hunter2" not in response.content.decode()
    scope = load_variables(response.json())
    assert (scope.find("off"), scope.find("port").value) == (None, 8080)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["first\nsecond", "first\r\nsecond", "first\rsecond", "\n"])
def test_a_text_of_several_lines_is_as_it_was_after_a_browser_sent_it_back(
    workspace: Workspace, as_editor: Client, text: str
) -> None:
    environment = Environment.objects.create(workspace=workspace, name="Staging")
    environment.variables.create(key="lines", value=text)
    address = environment.get_absolute_url()
    fields = form_of(as_editor, address)
    assert "<textarea" in as_editor.get(address).content.decode()
    # What the HTML standard has browsers make of every line break in a text area.
    sent = re.sub(r"\r\n|\r|\n", "\r\n", text)
    assert as_editor.post(address, fields | {"variables-0-value": sent}).status_code == 302
    assert environment.variables.get().value == text
    changed = form_of(as_editor, address) | {"variables-0-value": f"{sent}third"}
    assert as_editor.post(address, changed).status_code == 302
    assert environment.variables.get().value == re.sub(r"\r\n|\r", "\n", text) + "third"


def test_what_is_not_json_is_refused_and_nothing_is_lost(as_editor: Client, workspace: Workspace) -> None:
    posted = {
        "name": "Staging",
        "variables-TOTAL_FORMS": 1,
        "variables-INITIAL_FORMS": 0,
        "variables-0-key": "port",
        "variables-0-value": "80 80",
        "variables-0-kind": "json",
        "variables-0-is_enabled": "on",
    }
    response = as_editor.post(f"/w/{workspace.slug}/environments/add/", posted)
    assert response.status_code == 422
    assert "Choose the type Text to keep it as it is." in response.content.decode()
    assert "80 80" in response.content.decode()
    assert not Environment.objects.exists()


def test_a_secret_keeps_its_type_when_it_is_left_blank(as_editor: Client, workspace: Workspace) -> None:
    environment = Environment.objects.create(workspace=workspace, name="Staging")
    environment.variables.create(key="pin", value=1234, is_secret=True)
    address = environment.get_absolute_url()
    assert "1234" not in as_editor.get(address).content.decode()
    as_editor.post(address, form_of(as_editor, address))
    assert environment.variables.get().value == 1234


def test_the_parts_of_a_secret_object_are_masked(workspace: Workspace) -> None:
    environment = Environment.objects.create(workspace=workspace, name="Staging")
    environment.variables.create(key="number", value={"token": "hunter2-hunter2"}, is_secret=True)
    console = console_of_a_run(workspace, environment)
    assert "hunter2" not in console
    assert "[object Object]" in console


def test_the_api_gives_each_value_in_its_type(workspace: Workspace, api: APIClient) -> None:
    by_api(workspace, Client())
    values = api.get("/api/v1/environments/").json()["results"][0]["values"]
    assert {row["key"]: row["value"] for row in values} == VALUES


@pytest.fixture
def api(workspace: Workspace) -> APIClient:
    return client_of(workspace, Role.VIEWER)
