"""What the code imports is declared in the requirements, so that a bare machine has it."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "integrations", "monitors", "workspaces")
OWN = {*APPS, "tests", "manage"}
STUBS = {"_typeshed"}


def imported_by(folder: str) -> Iterator[tuple[str, Path]]:
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0], path


def declared(*files: str) -> set[str]:
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    names = [re.split(r"[\[=<>~! ;]", line)[0] for line in lines if line and line[0] not in "#- "]
    return {normalized(name) for name in names}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folders", "files"),
    [(APPS, ("requirements.txt",)), (("tests",), ("requirements.txt", "requirements-dev.txt"))],
)
def test_every_imported_package_is_declared(folders: tuple[str, ...], files: tuple[str, ...]) -> None:
    distributions = packages_distributions()
    known = declared(*files)
    missing = set()
    for folder in folders:
        for module, path in imported_by(folder):
            if module in OWN | STUBS or module in sys.stdlib_module_names:
                continue
            names = [normalized(name) for name in distributions.get(module, [module])]
            if known.isdisjoint(names):
                missing.add(f"{module} ({path.relative_to(ROOT)})")
    assert not missing
