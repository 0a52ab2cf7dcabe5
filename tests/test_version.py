"""The version stands in pyproject.toml alone, and people find it where they look for it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.test import Client

from workspaces.models import Workspace

ROOT = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_the_command_line_prints_it(argument: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", argument], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == f"{VERSION}\n"


def test_the_foot_of_a_page_shows_it(as_viewer: Client, workspace: Workspace) -> None:
    page = as_viewer.get(f"/w/{workspace.slug}/monitors/").content.decode()
    assert f"Postwatch {VERSION}</footer>" in page


def test_strangers_do_not_see_it(db: None) -> None:
    assert VERSION not in Client().get("/accounts/login/").content.decode()


def test_the_openapi_document_has_it(db: None) -> None:
    schema = Client().get("/api/schema/", headers={"accept": "application/json"}).json()
    assert schema["info"]["version"] == VERSION


def test_the_changelog_describes_it() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == VERSION
