from typing import Any

from rest_framework.test import APIClient

from monitors.models import Environment
from workspaces.models import Workspace

EXPORTED: dict[str, Any] = {
    "name": "Staging",
    "values": [
        {"key": "host", "value": "https://staging.example", "type": "default", "enabled": True},
        {"key": "token", "value": "s3cret-value", "type": "secret", "enabled": True},
        {"key": "old", "value": "x", "type": "any", "enabled": False, "disabled": True},
    ],
    "_postman_variable_scope": "environment",
}

JSON_VALUES = [5, 1.5, True, False, None, "", "5", {"a": [1, None]}, [1, "2"]]


def create(api: APIClient) -> dict[str, Any]:
    response = api.post("/api/v1/environments/", {"environment": EXPORTED})
    assert response.status_code == 201, response.json()
    created: dict[str, Any] = response.json()
    return created


def values_of(environment: Environment) -> dict[str, Any]:
    return {variable.key: variable.value for variable in environment.variables.all()}


def test_postmans_json_makes_an_environment(api: APIClient, workspace: Workspace) -> None:
    created = create(api)
    assert (created["name"], created["workspace"]) == ("Staging", workspace.slug)
    assert [value["key"] for value in created["values"]] == ["host", "token", "old"]
    assert [value["disabled"] for value in created["values"]] == [False, False, True]


def test_a_secret_value_is_never_given_back(api: APIClient) -> None:
    created = create(api)
    response = api.get(f"/api/v1/environments/{created['id']}/")
    assert "s3cret-value" not in response.text
    secret = response.json()["values"][1]
    assert secret == {
        "key": "token",
        "value": None,
        "type": "secret",
        "enabled": True,
        "disabled": False,
        "is_set": True,
        "is_readable": True,
    }


def test_name_and_values_make_one_too(api: APIClient) -> None:
    response = api.post(
        "/api/v1/environments/",
        {"name": "Live", "values": [{"key": "retries", "value": 3}, {"key": "empty"}]},
    )
    assert response.status_code == 201
    assert values_of(Environment.objects.get()) == {"retries": 3, "empty": ""}


def test_what_was_read_can_be_written_back_and_keeps_the_secrets(api: APIClient) -> None:
    created = create(api)
    created["values"][0]["value"] = "https://live.example"
    response = api.put(f"/api/v1/environments/{created['id']}/", created)
    assert response.status_code == 200, response.json()
    kept = values_of(Environment.objects.get())
    assert kept == {"host": "https://live.example", "token": "s3cret-value", "old": "x"}


def test_a_stored_secret_cannot_be_turned_into_a_readable_value(api: APIClient) -> None:
    created = create(api)
    created["values"][1]["type"] = "default"
    response = api.put(f"/api/v1/environments/{created['id']}/", created)
    assert response.status_code == 400
    assert "“token” is secret" in response.json()["values"][0]


def test_a_patch_of_the_name_leaves_the_values(api: APIClient) -> None:
    created = create(api)
    response = api.patch(f"/api/v1/environments/{created['id']}/", {"name": "Renamed"})
    assert response.json()["name"] == "Renamed"
    assert len(response.json()["values"]) == 3


def test_every_json_value_comes_back_as_it_was_sent(api: APIClient) -> None:
    values = [{"key": str(number), "value": value} for number, value in enumerate(JSON_VALUES)]
    created = api.post("/api/v1/environments/", {"name": "Live", "values": values}).json()
    again = api.put(f"/api/v1/environments/{created['id']}/", created).json()
    for answer in (created, again):
        assert [row["value"] for row in answer["values"]] == JSON_VALUES


def test_enabled_alone_switches_nothing_off_and_says_so(api: APIClient) -> None:
    row = {"key": "host", "value": "x", "enabled": False}
    response = api.post("/api/v1/environments/", {"name": "Live", "values": [row]})
    assert response.status_code == 400
    assert "disabled: true" in response.text
    response = api.post("/api/v1/environments/", {"name": "Live", "values": [row | {"disabled": True}]})
    assert response.json()["values"][0]["enabled"] is False


def test_an_environment_needs_a_name(api: APIClient) -> None:
    response = api.post("/api/v1/environments/", {"values": []})
    assert response.status_code == 400
    assert response.json() == {"name": ["This field is required."]}


def test_what_is_not_an_environment_is_refused_with_a_sentence(api: APIClient) -> None:
    for content in [{}, [], "text", 5, {"values": 1}, {"values": [1]}, {"values": [{"key": 1}]}]:
        response = api.post("/api/v1/environments/", {"environment": content})
        assert response.status_code == 400, content
        assert response.json()["environment"][0].endswith("."), content


def test_two_variables_of_one_name_are_refused(api: APIClient) -> None:
    values = [{"key": "host", "value": "a"}, {"key": "host", "value": "b"}]
    sentence = "“host” is here twice: remove or disable all but one of them."
    given = api.post("/api/v1/environments/", {"name": "Live", "values": values})
    imported = api.post("/api/v1/environments/", {"environment": {"name": "Live", "values": values}})
    assert (given.status_code, given.json()) == (400, {"values": [sentence]})
    assert (imported.status_code, imported.json()) == (400, {"environment": [sentence]})
    assert not Environment.objects.exists()


def test_a_disabled_variable_may_stand_beside_one_of_its_name(api: APIClient) -> None:
    values = [{"key": "host", "value": "a"}, {"key": "host", "value": "b", "disabled": True}]
    assert api.post("/api/v1/environments/", {"name": "Live", "values": values}).status_code == 201
