"""Runs a function of this package in its own process: `python -I launch.py MODULE FUNCTION [ARGUMENT …]`.

The package is imported under the name `sandbox`. As `monitors.runner.sandbox` it would import the whole
runner into a process that is forked for every run and that executes untrusted scripts.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "sandbox"


def _load_package() -> None:
    """Import this package as `sandbox`."""
    folder = Path(__file__).parent
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def command(module: str, function: str, *arguments: str) -> list[str]:
    """The command line that calls `function(*arguments)` of a module of this package."""
    return [sys.executable, "-I", __file__, module, function, *arguments]


if __name__ == "__main__":
    _load_package()
    getattr(importlib.import_module(f"{PACKAGE}.{sys.argv[1]}"), sys.argv[2])(*sys.argv[3:])
