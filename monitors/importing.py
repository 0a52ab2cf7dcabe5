"""Imports collections and environments that Postman has exported, and exports environments."""

import math
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from monitors.models import Collection, Environment, EnvironmentVariable
from monitors.models.environments import MAX_VARIABLES
from monitors.runner import CollectionError, load_collection
from monitors.runner.json_files import text_of
from monitors.runner.url import Url
from monitors.runner.variables import Variable
from workspaces.json_values import parse_json
from workspaces.models import User, Workspace

MAX_IMPORT_BYTES = 20 * 1024 * 1024


class ImportRefused(Exception):
    """The import is not possible. The message is one sentence for the person who imports."""


def read_collection(text: str | bytes) -> dict[str, Any]:
    """The collection in the text of an exported file. Raises ImportRefused."""
    return check_collection(_parse(text))


def check_collection(value: object) -> dict[str, Any]:
    """The collection in parsed JSON, which may be wrapped as Postman's API wraps it. Raises ImportRefused."""
    if isinstance(value, dict) and isinstance(value.get("collection"), dict):
        value = value["collection"]
    if not isinstance(value, dict):
        raise ImportRefused("This is not a Postman collection: it is not a JSON object.")
    if "openapi" in value or "swagger" in value:
        raise ImportRefused(
            "This is an OpenAPI document: import it into Postman and export the collection there."
        )
    try:
        load_collection(value)
    except CollectionError as problem:
        raise ImportRefused(str(problem))
    return value


def read_environment(text: str | bytes) -> dict[str, Any]:
    """The environment in the text of an exported file. Raises ImportRefused."""
    return check_environment(_parse(text))


def check_environment(value: object) -> dict[str, Any]:
    """The environment in parsed JSON, which may be wrapped as Postman's API wraps it. Raises
    ImportRefused."""
    if isinstance(value, dict) and isinstance(value.get("environment"), dict):
        value = value["environment"]
    if not isinstance(value, dict):
        raise ImportRefused("This is not a Postman environment: it is not a JSON object.")
    if "item" in value and "info" in value:
        raise ImportRefused("This is a collection, not a Postman environment.")
    if not isinstance(value.get("values"), list):
        raise ImportRefused("This is not a Postman environment: it has no list of values.")
    if len(value["values"]) > MAX_VARIABLES:
        raise ImportRefused(f"This environment has more than {MAX_VARIABLES:,} variables. Split it up.")
    for number, variable in enumerate(value["values"], start=1):
        if not isinstance(variable, dict) or not isinstance(variable.get("key"), str):
            raise ImportRefused(f"Value {number} of this environment has no key.")
        if len(variable["key"]) > 255:
            raise ImportRefused(f"The key of value {number} is longer than 255 characters.")
    if problem := duplicate_key_problem(variables_of(value)):
        raise ImportRefused(problem)
    return value


def duplicate_key_problem(variables: Iterable[EnvironmentVariable]) -> str:
    """A sentence that names the key which two enabled variables share; empty when there is none.

    Postman silently uses the last one. Disabled variables may have the same key, so that people can switch
    between them.
    """
    known = set()
    for variable in variables:
        if variable.is_enabled and variable.key:
            if variable.key in known:
                return f"“{variable.key}” is here twice: remove or disable all but one of them."
            known.add(variable.key)
    return ""


def variables_of(environment: dict[str, Any]) -> list[EnvironmentVariable]:
    """The unsaved variables of an environment that `check_environment` accepted."""
    return [
        EnvironmentVariable(
            key=variable["key"],
            value=variable_value(variable),
            is_secret=variable.get("type") == "secret",
            is_enabled=not variable.get("disabled"),
        )
        for variable in environment["values"]
        # Postman itself exports the empty last row of its editor.
        if variable["key"] or variable.get("value")
    ]


def export_environment(environment: Environment) -> dict[str, Any]:
    """The environment in the format of Postman's exports. Values that are not shown are left empty."""
    values = [
        {
            "key": variable.key,
            "value": variable.value if variable.is_shown else "",
            "type": "secret" if variable.is_secret else "default",
            "enabled": variable.is_enabled,
            # Postman's CLI and Newman ignore `enabled` and read `disabled`.
            **({} if variable.is_enabled else {"disabled": True}),
        }
        for variable in environment.variables.all()
    ]
    return {
        "id": str(environment.pk),
        "name": environment.name,
        "values": values,
        "_postman_variable_scope": "environment",
    }


def environment_name(environment: dict[str, Any]) -> str:
    return str(environment.get("name") or "Imported environment")[:255]


def variable_value(variable: dict[str, Any]) -> Any:
    """The value of an exported variable for scripts: a JSON value, cast to the variable's type.

    A value that cannot be cast, such as a text of type `number`, stays as it is.
    """
    given = variable.get("value", "")
    if variable.get("type") in ("array", "object"):
        return _parsed(given)
    cast = Variable.from_json(variable).value if "value" in variable else given
    return given if isinstance(cast, float) and not math.isfinite(cast) else cast


def _parsed(given: object) -> object:
    try:
        return parse_json(given) if isinstance(given, str) else given
    except ValueError:
        return given


def keys_with_ignored_enabled(environment: dict[str, Any]) -> list[str]:
    """The variables with `"enabled": false`, which Postman's CLI and Newman ignore in a file."""
    return [
        variable["key"]
        for variable in environment["values"]
        if variable.get("enabled") is False and not variable.get("disabled") and variable["key"]
    ]


@transaction.atomic
def import_collection(
    workspace: Workspace, content: dict[str, Any], by: User | None, source_url: str = ""
) -> Collection:
    """Store a checked collection as the first version of a new one."""
    collection = Collection.objects.create(
        workspace=workspace, name="Unnamed collection", source_url=url_without_secrets(source_url)
    )
    collection.add_version(content, by)
    return collection


@transaction.atomic
def import_environment(workspace: Workspace, content: dict[str, Any]) -> Environment:
    """Store a checked environment."""
    environment = Environment.objects.create(workspace=workspace, name=environment_name(content))
    environment.replace_variables(variables_of(content))
    return environment


def url_without_secrets(url: str) -> str:
    """The URL to store for the next import; empty for a URL with user info or a query, which may hold
    secrets."""
    parts = Url.parse(url)
    return "" if parts.user is not None or parts.query else url


def _parse(text: str | bytes) -> object:
    if len(text) > MAX_IMPORT_BYTES:
        raise ImportRefused("This is larger than 20 MB.")
    try:
        return parse_json(text_of(text))
    except ValueError as problem:
        raise ImportRefused(str(problem))
