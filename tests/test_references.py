"""What a form or a body of the API names belongs to its workspace; what belongs to another does not exist.

The forms and serializers come from the code, so that a new one is tried too.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.forms import BaseForm, ModelChoiceField
from django.test import Client
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.addresses import Route, Things, fill, routes
from workspaces.api import WorkspaceField, WorkspaceScopedRelatedField
from workspaces.models import Workspace

APPS = ("workspaces", "monitors", "integrations")


@pytest.fixture
def things(workspace: Workspace) -> Things:
    return fill(workspace)


FORMS = {
    ("IntegrationForm", "monitor"): ("/integrations/pagerduty/add/", "monitors"),
    ("MaintenanceWindowForm", "monitors"): ("/w/elsewhere/maintenance/add/", "monitors"),
    ("MonitorForm", "collection"): ("/w/elsewhere/monitors/add/", "collections"),
    ("MonitorForm", "environment"): ("/w/elsewhere/monitors/add/", "environments"),
}
"""The fields of forms that name another object: where the form is, and of which kind the object is."""


class TestForms:
    def test_every_field_that_names_an_object_is_tried(self) -> None:
        fields = {
            (form.__name__, name)
            for form in classes_of(BaseForm)
            for name, field in form.base_fields.items()
            if isinstance(field, ModelChoiceField)
        }
        assert fields - {("IntegrationForm", "workspace")} == FORMS.keys()

    @pytest.mark.parametrize("field", FORMS, ids=".".join)
    def test_acmes_objects_do_not_exist(
        self, field: tuple[str, str], as_outsider: Client, other_workspace: Workspace, things: Things
    ) -> None:
        address, kind = FORMS[field]
        errors = []
        for key in (things[kind].pk, uuid.uuid4()):
            data = {"workspace": str(other_workspace.pk), "scope": "monitors", field[1]: str(key)}
            form = as_outsider.post(address, data).context["form"]
            errors.append([text.replace(str(key), "") for text in form.errors[field[1]]])
        assert errors[0] == errors[1]

    def test_an_integration_is_not_added_to_acme(
        self, as_outsider: Client, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        forms = [
            as_outsider.post("/integrations/pagerduty/add/", {"workspace": str(key)}).context["form"]
            for key in (workspace.pk, uuid.uuid4())
        ]
        assert forms[0].errors["workspace"] == forms[1].errors["workspace"]


class TestBodies:
    def test_every_field_that_names_an_object_is_scoped(self) -> None:
        loose = [
            f"{serializer.__name__}.{name}"
            for serializer in classes_of(serializers.ModelSerializer)
            for name, field in writable_relations(serializer())
            if not isinstance(field, WorkspaceField | WorkspaceScopedRelatedField)
        ]
        assert loose == [], "Make them a WorkspaceScopedRelatedField."

    def test_acmes_objects_do_not_exist(
        self, other_api: APIClient, workspace: Workspace, other_workspace: Workspace, things: Things
    ) -> None:
        kinds = {"monitor": "monitors", "collection": "collections", "environment": "environments"}
        for route in lists_of_the_api():
            serializer = route.view.cls.serializer_class()
            for name, _ in writable_relations(serializer):
                kind = kinds.get(name.removesuffix("s"))
                values = [workspace.slug, "unknown"] if kind is None else [things[kind].pk, uuid.uuid4()]
                many = isinstance(serializer.fields[name], serializers.ManyRelatedField)
                answers = [
                    other_api.post(route.address(other_workspace, things), {name: [value] if many else value})
                    for value in values
                ]
                assert_same_refusal(answers, name, values)


def lists_of_the_api() -> list[Route]:
    """Where something can be added."""
    return [
        route
        for route in routes()
        if route.text.startswith("api/v1/") and "post" in route.methods and not route.has_key
    ]


def assert_same_refusal(answers: list[Any], name: str, values: list[Any]) -> None:
    texts = [
        re.sub(re.escape(str(value)), "…", str(answer.json()[name]))
        for answer, value in zip(answers, values, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert texts[0] == texts[1]


def writable_relations(serializer: Any) -> Iterator[tuple[str, Any]]:
    for name, field in serializer.fields.items():
        relation = getattr(field, "child_relation", field)
        if isinstance(relation, serializers.RelatedField) and not field.read_only:
            yield name, relation


def classes_of(base: type) -> Iterator[Any]:
    """The subclasses that are ours; the admin's are the operators'."""
    subclasses: list[Any] = base.__subclasses__()
    for subclass in subclasses:
        yield from classes_of(subclass)
        if subclass.__module__.startswith(APPS) and not subclass.__module__.endswith(".admin"):
            yield subclass
