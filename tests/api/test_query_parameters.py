"""A query parameter that an address does not know is refused, and named with those that it knows.

The addresses come from the URL configuration and the parameters from the OpenAPI document, so that neither a
new one can forget it nor the two can differ.
"""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.addresses import Route, Things, fill, routes
from tests.conftest import client_of
from tests.factories import make_monitor, make_run
from workspaces.models import Role, Workspace

API = "api/v1/"
ROUTES = [route for route in routes() if route.text.startswith(API) and route.text.strip("/?") != "api/v1"]
REFUSED = "There is no such parameter here."


@pytest.fixture
def things(workspace: Workspace) -> Things:
    return fill(workspace)


def documented(route: Route, operations: dict[str, Any]) -> list[str]:
    """The query parameters of a GET by the OpenAPI document."""
    path = "/" + route.text.replace("<pk>", "{id}").replace("<number>", "{number}").rstrip("?")
    named = operations[path].get("get", {}).get("parameters", [])
    return [parameter["name"] for parameter in named if parameter["in"] == "query"]


def test_every_address_refuses_what_it_does_not_know(workspace: Workspace, things: Things) -> None:
    api = client_of(workspace, Role.OWNER)
    assert len(ROUTES) > 20
    for route in ROUTES:
        for method in route.methods:
            answer = getattr(api, method)(f"{route.address(workspace, things)}?surprise=1")
            assert answer.status_code == 400, (method, route.text)
            assert answer.json()["surprise"][0].startswith(REFUSED), (method, route.text)


def test_what_is_documented_is_known_and_named_and_nothing_else(
    api: APIClient, workspace: Workspace, things: Things
) -> None:
    operations = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for route in ROUTES:
        if "get" not in route.methods:
            continue
        names, address = documented(route, operations), route.address(workspace, things)
        refused = api.get(f"{address}?surprise=1").json()["surprise"][0]
        known = f"Known: {', '.join(sorted(names))}." if names else "This URL takes none."
        assert sorted(refused.removeprefix(REFUSED).split()) == sorted(known.split()), route.text
        for name in names:
            assert REFUSED not in str(api.get(address, {name: "1"}).json()), (name, route.text)


def test_a_mistyped_filter_does_not_answer_with_everything(api: APIClient, workspace: Workspace) -> None:
    make_monitor(workspace)
    answer = api.get("/api/v1/monitors/?stat=failing&tag=eu")
    assert answer.status_code == 400
    assert list(answer.json()) == ["stat"]


def test_a_viewer_and_a_stranger_learn_nothing_by_it(viewer_api: APIClient, workspace: Workspace) -> None:
    assert viewer_api.post("/api/v1/monitors/?surprise=1").status_code == 403
    assert APIClient().get("/api/v1/monitors/?surprise=1").status_code == 401


@pytest.mark.parametrize("size", ["0", "-1", "501", "many", "1.5", "9" * 5000, "٣"])
@pytest.mark.parametrize("path", ["monitors", "runs"])
def test_a_size_of_pages_that_is_none_is_refused(api: APIClient, path: str, size: str) -> None:
    answer = api.get(f"/api/v1/{path}/", {"page_size": size})
    assert answer.status_code == 400
    assert answer.json() == {"page_size": ["Give a whole number from 1 to 500."]}


def test_a_filter_that_takes_one_value_is_given_once(api: APIClient, workspace: Workspace) -> None:
    one, two = make_monitor(workspace), make_monitor(workspace)
    answer = api.get(f"/api/v1/runs/?monitor={one.pk}&monitor={two.pk}")
    assert answer.json() == {"monitor": ["Give this parameter once."]}
    assert api.get("/api/v1/runs/?result=failure&result=error").status_code == 200


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("result=bad", "result"),
        ("status=bad", "status"),
        ("type=bad", "type"),
        ("monitor=bad", "monitor"),
        ("region=atlantis", "region"),
    ],
)
def test_a_value_that_a_filter_does_not_know_is_refused(api: APIClient, query: str, wrong: str) -> None:
    answer = api.get(f"/api/v1/runs/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [wrong])


def test_the_runs_of_a_former_region_are_still_found(api: APIClient, workspace: Workspace) -> None:
    run = make_run(make_monitor(workspace), region="mars")
    assert [found["id"] for found in api.get("/api/v1/runs/?region=mars").json()["results"]] == [run.pk]


def test_a_region_that_never_was_is_refused_without_a_look_at_the_runs(
    api: APIClient, workspace: Workspace
) -> None:
    make_run(make_monitor(workspace))
    with CaptureQueriesContext(connection) as queries:
        assert api.get("/api/v1/runs/?region=atlantis").status_code == 400
    assert not [query for query in queries if 'FROM "monitors_run"' in query["sql"]]
