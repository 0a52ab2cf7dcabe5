"""Forms of the pages and JSON of the API: each field of each may be anything."""

import json
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import pytest
from rest_framework.serializers import ListSerializer, Serializer
from rest_framework.test import APIClient

from tests.addresses import Route, routes
from tests.bad_input.values import TEXTS, VALUES
from tests.bad_input.visitors import Visitor
from workspaces.models import Workspace

NAMED = re.compile(r"""<(?:input|select|textarea|button)[^>]*\sname="([^"]+)"[^>]*""")
VALUE = re.compile(r"""\svalue="([^"]*)\"""")
PAGES = [route for route in routes() if not route.text.startswith("api/")]
API_ROUTES = [route for route in routes() if route.text.startswith("api/v1/")]
NO_FORMS = ("accounts/logout/", "admin/logout/")
"""Who is signed out there is signed in again for the next one."""


def fields_of(page: str) -> dict[str, str]:
    """What the forms of a page would send as they are."""
    return {
        unescape(tag[1]): unescape(value[1]) if (value := VALUE.search(tag[0])) else ""
        for tag in NAMED.finditer(page)
        if tag[1] != "csrfmiddlewaretoken"
    }


def test_every_field_of_a_form_may_be_anything(visitor: Visitor) -> None:
    tried = 0
    for route in PAGES:
        if route.text in NO_FORMS:
            continue
        page = visitor.send("get", visitor.address(route), "nothing", route)
        if "text/html" not in page.headers.get("Content-Type", "") or page.status_code != 200:
            continue
        fields = fields_of(page.content.decode())
        tried += len(fields)
        for what, data in bad_forms(fields, not route.text.startswith("admin/")):
            visitor.send("post", visitor.address(route), what, route, data=data)
    assert tried > 150
    visitor.check()


def bad_forms(fields: dict[str, str], is_ours: bool) -> Iterable[tuple[str, dict[str, str]]]:
    """All fields at once, for they are looked at one by one; then each of ours alone."""
    for what in ("NUL", "6,000 digits", "a long text", "the last year", "deep JSON"):
        yield what, dict.fromkeys(fields, TEXTS[what])
    for name in list(fields)[:30] if is_ours else ():
        yield f"6,000 digits as {name}", fields | {name: TEXTS["6,000 digits"]}


def test_every_field_of_the_api_may_be_anything(visitor: Visitor) -> None:
    tried = 0
    for route in API_ROUTES:
        for method in sorted({"post", "patch"} & set(route.methods)):
            for path in paths_in(serializer_of(route, method)):
                tried += 1
                send_all_values(visitor, route, method, path)
    assert tried > 50
    visitor.check()


def send_all_values(visitor: Visitor, route: Route, method: str, path: tuple[str, ...]) -> None:
    for value in VALUES:
        body = json.dumps(nested(path, value))
        visitor.send(
            method, visitor.address(route), body[:60], route, data=body, content_type="application/json"
        )


def serializer_of(route: Route, method: str) -> Any:
    view = route.view.cls(**route.view.initkwargs)
    view.request, view.format_kwarg, view.kwargs, view.swagger_fake_view = None, None, {}, True
    view.action = route.view.actions[method]
    return view.get_serializer_class()()


def paths_in(serializer: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, field in serializer.fields.items():
        if field.read_only:
            continue
        found.append((*above, name))
        inner = field.child if isinstance(field, ListSerializer) else field
        if isinstance(inner, Serializer):
            found += paths_in(inner, (*above, name))
    return found


def nested(path: tuple[str, ...], value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value


@pytest.mark.parametrize("value", [None, 5, "x", [], [None], {}, {"a": 1}, 1e300])
def test_every_part_of_a_collection_may_be_anything(
    visitor: Visitor, workspace: Workspace, value: Any
) -> None:
    api: APIClient = visitor.api
    for content in variants(COLLECTION, value):
        answer = api.post("/api/v1/collections/", {"collection": content})
        assert answer.status_code in (201, 400), json.dumps(content)
        if answer.status_code == 201:
            made = f"collections/{answer.json()['id']}/"
            assert api.get(f"/api/v1/{made}").status_code == 200, json.dumps(content)
            assert visitor.pages.get(f"/w/{workspace.slug}/{made}").status_code == 200, json.dumps(content)
            api.delete(f"/api/v1/{made}")


def variants(part: Any, value: Any) -> Iterable[Any]:
    """Copies of a JSON value, in each of which one part is replaced."""
    yield value
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in pairs:
        for variant in variants(inner, value):
            copy = part.copy()
            copy[key] = variant
            yield copy


COLLECTION: dict[str, Any] = {
    "info": {"_postman_id": "1", "name": "Orders", "description": {"content": "x"}, "schema": "v2.1.0"},
    "auth": {"type": "basic", "basic": [{"key": "username", "value": "u"}]},
    "event": [{"listen": "test", "script": {"exec": ["x"]}}],
    "variable": [{"key": "a", "value": "b"}],
    "protocolProfileBehavior": {"followRedirects": False},
    "item": [
        {
            "name": "Folder",
            "item": [
                {
                    "name": "Request",
                    "request": {
                        "method": "POST",
                        "description": "x",
                        "header": [{"key": "A", "value": "b", "disabled": True}],
                        "url": {
                            "raw": "https://a.example/:b?c=d",
                            "host": ["a", "example"],
                            "path": [":b"],
                            "query": [{"key": "c", "value": "d"}],
                            "variable": [{"key": "b", "value": "1"}],
                        },
                        "body": {"mode": "raw", "raw": "{}", "options": {"raw": {"language": "json"}}},
                    },
                    "response": [{"name": "Saved", "body": "{}"}],
                }
            ],
        }
    ],
}
