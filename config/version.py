"""The version of Postwatch, from `pyproject.toml`: importlib.metadata only knows installed packages."""

import tomllib
from pathlib import Path

from django.http import HttpRequest

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
VERSION: str = tomllib.loads(PROJECT.read_text())["project"]["version"]


def version(request: HttpRequest) -> dict[str, str]:
    """A context processor for the footer of pages."""
    return {"postwatch_version": VERSION}
