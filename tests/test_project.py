"""What the files at the top of the repository say of each other holds."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOW = (ROOT / ".github/workflows/ci.yml").read_text()
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def pythons() -> list[str]:
    versions: list[str] = yaml.safe_load(WORKFLOW)["jobs"]["check"]["strategy"]["matrix"]["python"]
    return versions


def test_the_tested_versions_of_python_are_those_that_are_declared() -> None:
    prefix = "Programming Language :: Python :: "
    declared = [text.removeprefix(prefix) for text in PROJECT["classifiers"] if text.startswith(prefix)]
    assert [version for version in declared if version != "3 :: Only"] == pythons()
    assert PROJECT["requires-python"] == f">={pythons()[0]}"


def test_the_readme_names_the_tested_versions_of_python() -> None:
    first, last = pythons()[0], pythons()[-1]
    assert f"Python {first} to {last}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml", ".ci/run"])
def test_the_commands_that_are_named_exist(file: str) -> None:
    commands = re.findall(r"(?:^|[`:;] *)make ([a-z-]+)", (ROOT / file).read_text(), re.MULTILINE)
    assert commands
    assert set(commands) <= MAKE_TARGETS


def test_hooks_run_the_locked_versions() -> None:
    """A hook of another repository would bring versions of its own."""
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [one["repo"] for one in repositories] == ["local"]
