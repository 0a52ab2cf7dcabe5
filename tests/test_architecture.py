"""What docs/architecture.md promises of the code: who imports whom, and who knows which provider."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from integrations.registry import PROVIDERS

ROOT = Path(settings.BASE_DIR)
LAYERS = ["workspaces", "monitors", "integrations", "config"]
"""Each may import itself and what stands before it."""

FRAMEWORKS = {"django", "rest_framework", "celery", "environ"}

LOCAL_IMPORTS = {
    "integrations/apps.py": "receivers need the models, which are not there yet when apps are imported",
    "integrations/models/deliveries.py": "a delivery sends its own task, and tasks load deliveries",
    "config/demo/__main__.py": "the environment has to be set before the settings are read",
}
"""Imports inside a function hide a circle, so each has its reason."""

NAME_PAGERDUTY = {
    "config/settings.py": "where the operator says how to reach it",
    "integrations/registry.py": "the list of providers",
    "config/demo": "shows the way from a failing monitor to an incident in PagerDuty",
    "templates/monitors/_first_steps.html": "tells newcomers what most of them came for",
}


def sources(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(path: Path) -> list[str]:
    return list(imports_in(ast.parse(path.read_text())))


def is_within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@pytest.mark.parametrize("layer", LAYERS)
def test_no_app_imports_one_that_builds_on_it(layer: str) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 :]
    upward = {
        relative(path): module
        for path in sources(layer)
        for module in imports_of(path)
        if any(is_within(module, other) for other in above)
    }
    assert upward == {}


def test_the_engine_needs_nothing_but_itself() -> None:
    strange = {
        relative(path): module
        for path in sources("monitors/runner")
        for module in imports_of(path)
        if module.split(".")[0] in {*FRAMEWORKS, *LAYERS} and not is_within(module, "monitors.runner")
    }
    assert strange == {}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_imported_by_nobody(provider: str) -> None:
    """The registry finds it by its name, so its folder can be taken away with one line."""
    package = f"integrations.{provider}"
    importers = [
        relative(path)
        for layer in LAYERS
        for path in sources(layer)
        if not relative(path).startswith(f"integrations/{provider}/")
        if any(is_within(module, package) for module in imports_of(path))
    ]
    assert importers == []


def test_pagerduty_is_named_in_its_own_folder_alone() -> None:
    files = [path for folder in [*LAYERS, "templates"] for path in (ROOT / folder).rglob("*.*")]
    naming = {
        relative(path)
        for path in files
        if path.suffix in {".py", ".html", ".txt", ".js", ".css"}
        if not relative(path).startswith("integrations/pagerduty/") and "migrations" not in path.parts
        if "pagerduty" in path.read_text().lower()
    }
    assert {name for name in naming if not name.startswith(tuple(NAME_PAGERDUTY))} == set()
    assert [exempt for exempt in NAME_PAGERDUTY if not any(name.startswith(exempt) for name in naming)] == []


def test_imports_inside_functions_have_a_reason() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    local = {
        relative(path)
        for layer in LAYERS
        for path in sources(layer)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, functions)
        if any(module.split(".")[0] in LAYERS for module in imports_in(node))
    }
    assert local == LOCAL_IMPORTS.keys()
