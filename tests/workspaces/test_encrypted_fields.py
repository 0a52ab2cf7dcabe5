"""Secrets in the database: what a dump shows, and what happens where the key is gone."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import Settings

from monitors.models import Collection, Environment, EnvironmentVariable
from tests.factories import make_collection, make_environment
from workspaces.fields import SecretUnreadable
from workspaces.models import Workspace

HIDDEN = "hunter2-of-the-database"


def dump() -> str:
    """Every text in every table."""
    texts = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            texts += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(texts)


@pytest.fixture
def without_the_key(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["o1bYTh0yzR3DnGcJvJ8UvLpRbZq4kJ9Z6mF2s7w8x9A="]


def content_with_secrets() -> dict[str, Any]:
    auth = {"type": "basic", "basic": [{"key": "password", "value": HIDDEN}]}
    return {
        "info": {"name": "Orders"},
        "variable": [{"key": "token", "value": HIDDEN}],
        "item": [{"name": "List", "request": {"url": "https://api.example", "auth": auth}}],
    }


def test_a_dump_shows_no_secret_of_a_collection_or_an_environment(workspace: Workspace) -> None:
    make_collection(workspace, content=content_with_secrets())
    make_environment(workspace, token=HIDDEN)
    assert HIDDEN not in dump()
    assert Collection.objects.get().latest.content["variable"][0]["value"] == HIDDEN  # type: ignore[union-attr]


def test_what_is_not_read_needs_no_key_and_stays_as_it_is(
    workspace: Workspace, settings: Settings, request: pytest.FixtureRequest
) -> None:
    variable = make_environment(workspace, token=HIDDEN).variables.get()
    keys = settings.FIELD_ENCRYPTION_KEYS
    request.getfixturevalue("without_the_key")
    variable = EnvironmentVariable.objects.get()
    variable.key = "renamed"
    variable.save()
    with pytest.raises(SecretUnreadable, match="Put the old key back"):
        _ = variable.value
    settings.FIELD_ENCRYPTION_KEYS = keys
    stored = Environment.objects.get().variables.get()
    assert (stored.key, stored.value) == ("renamed", HIDDEN)
