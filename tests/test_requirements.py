"""What the code imports is declared in the requirements and locked with all that it needs."""

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
    """The packages that these files name by themselves."""
    lines = [line for file in files for line in (ROOT / file).read_text().splitlines()]
    names = [re.split(r"[\[=<>~! ;]", line)[0] for line in lines if line and line[0] not in "#- "]
    return {normalized(name) for name in names}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folders", "files"),
    [(APPS, ("requirements.in",)), (("tests",), ("requirements.in", "requirements-dev.in"))],
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


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-npm"])
def test_what_is_declared_is_locked_with_hashes_and_without_addresses(name: str) -> None:
    lock = (ROOT / f"{name}.txt").read_text()
    assert "://" not in lock
    versions = {}
    for line in lock.replace("\\\n", "").splitlines():
        package, version = line.split()[0].split("==")
        assert "--hash=sha256:" in line, f"{package} has no hash"
        versions[normalized(package)] = version
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if not line.startswith("-r"):
            package, version = line.split("==")
            assert versions[normalized(package.partition("[")[0])] == version
