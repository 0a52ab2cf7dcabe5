"""Collections and environments as Postman exports them."""

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
from workspaces.models import User, Workspace
from workspaces.strict_json import parse_json

MAX_IMPORT_BYTES = 20 * 1024 * 1024


class ImportRefused(Exception):
    """The message is one sentence for the person who imports."""


def read_collection(text: str | bytes) -> dict[str, Any]:
    """The collection in an exported file. Raises ImportRefused."""
    return check_collection(_json_of(text))


def check_collection(value: Any) -> dict[str, Any]:
    """The collection in parsed JSON, also in the Postman API's wrapping. Raises ImportRefused."""
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
    """The environment in an exported file. Raises ImportRefused."""
    return check_environment(_json_of(text))


def check_environment(value: Any) -> dict[str, Any]:
    """The environment in parsed JSON, also in the Postman API's wrapping. Raises ImportRefused."""
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
    if problem := repeated_name(variables_of(value)):
        raise ImportRefused(problem)
    return value


def repeated_name(variables: Iterable[EnvironmentVariable]) -> str:
    """Which name two enabled variables share, in a sentence; empty when each has a name of its own.

    Postman uses the last of them without a word. Disabled ones may stand beside it, to switch between them.
    """
    known = set()
    for variable in variables:
        if variable.is_enabled and variable.key:
            if variable.key in known:
                return f"“{variable.key}” stands here twice: remove or disable all but one of them."
            known.add(variable.key)
    return ""


def variables_of(environment: dict[str, Any]) -> list[EnvironmentVariable]:
    """The unsaved variables of an environment that `check_environment` accepted."""
    return [
        EnvironmentVariable(
            key=variable["key"],
            value=value_of(variable),
            is_secret=variable.get("type") == "secret",
            is_enabled=not variable.get("disabled"),
        )
        for variable in environment["values"]
        # Postman itself exports the empty last row of its editor.
        if variable["key"] or variable.get("value")
    ]


def exported(environment: Environment) -> dict[str, Any]:
    """What Postman exports of such an environment. Values that are not shown are left empty."""
    values = [
        {
            "key": variable.key,
            "value": variable.value if variable.is_shown else "",
            "type": "secret" if variable.is_secret else "default",
            "enabled": variable.is_enabled,
            # What switches it off in Postman's CLI and in Newman, which do not look at `enabled`.
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


def name_of_environment(environment: dict[str, Any]) -> str:
    return str(environment.get("name") or "Imported environment")[:255]


def value_of(variable: dict[str, Any]) -> Any:
    """What a script gets as the value of an exported variable: JSON, cast to the type that it names.

    Where that cast gives no JSON value (a number that is not one), the value stays as it was given.
    """
    given = variable.get("value", "")
    if variable.get("type") in ("array", "object"):
        return _parsed(given)
    cast = Variable.from_json(variable).value if "value" in variable else given
    return given if isinstance(cast, float) and not math.isfinite(cast) else cast


def _parsed(given: Any) -> Any:
    try:
        return parse_json(given) if isinstance(given, str) else given
    except ValueError:
        return given


def used_though_switched_off(environment: dict[str, Any]) -> list[str]:
    """The variables that say `"enabled": false`, which Postman's CLI and Newman do not heed in a file."""
    return [
        variable["key"]
        for variable in environment["values"]
        if variable.get("enabled") is False and not variable.get("disabled") and variable["key"]
    ]


@transaction.atomic
def import_collection(
    workspace: Workspace, content: dict[str, Any], by: User | None, source_url: str = ""
) -> Collection:
    """Stores a checked collection as version 1 of a new one."""
    collection = Collection.objects.create(
        workspace=workspace, name="Unnamed collection", source_url=without_secrets(source_url)
    )
    collection.add_version(content, by)
    return collection


@transaction.atomic
def import_environment(workspace: Workspace, content: dict[str, Any]) -> Environment:
    """Stores a checked environment."""
    environment = Environment.objects.create(workspace=workspace, name=name_of_environment(content))
    environment.replace_variables(variables_of(content))
    return environment


def without_secrets(url: str) -> str:
    """The URL to keep for the next import: none with a password or a query in it, where access keys stand."""
    parts = Url.parse(url)
    return "" if parts.user is not None or parts.query else url


def _json_of(text: str | bytes) -> Any:
    if len(text) > MAX_IMPORT_BYTES:
        raise ImportRefused("This is larger than 20 MB.")
    try:
        return parse_json(text_of(text))
    except ValueError as problem:
        raise ImportRefused(str(problem))
