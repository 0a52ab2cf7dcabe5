"""Secrets in the database: what a dump shows, and what happens where the key is gone."""

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from monitors.models import Collection, Environment, EnvironmentVariable
from tests.factories import make_collection, make_environment
from workspaces.fields import SecretUnreadable
from workspaces.models import Workspace

HIDDEN = "hunter2-of-the-database"
UNRELATED = Fernet.generate_key().decode()


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
    settings.FIELD_ENCRYPTION_KEYS = [UNRELATED]


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


def test_rotation_lets_the_old_key_go(workspace: Workspace, settings: Settings) -> None:
    make_environment(workspace, token=HIDDEN)
    make_collection(workspace)
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    call_command("rotate_secrets", stdout=(said := StringIO()))
    assert "EnvironmentVariable.value: 1 encrypted with the first key" in said.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert EnvironmentVariable.objects.get().value == HIDDEN
    assert Collection.objects.get().latest.content["info"]["name"] == "Orders"  # type: ignore[union-attr]
    call_command("rotate_secrets", stdout=(said := StringIO()))
    assert "EnvironmentVariable.value: 0" in said.getvalue()


def test_rotation_names_what_it_cannot_read_and_leaves_it(
    workspace: Workspace, settings: Settings, without_the_key: None
) -> None:
    variable = make_environment(workspace, token=HIDDEN).variables.get()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="EnvironmentVariable.value in 1 rows"):
        call_command("rotate_secrets", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [UNRELATED]
    variable = EnvironmentVariable.objects.get()
    assert variable.value == HIDDEN
