"""Every function of the source that takes one text: found by its annotation, so a new one is tried too."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

PACKAGES = ("workspaces", "monitors", "integrations")
NOT_ON_OUR_TIME = ("migrations", "management", "standin", "tests")
"""Commands and stand-ins are run by operators and developers."""
IN_THE_CHILD = {"child", "engine", "quickjs_api", "zygote_process", "confinement", "launch", "seccomp"}
"""The script's own process computes there, with limits of its own."""
WITH_OTHERS = {"monitors.downloading.download", "monitors.downloading._get"}
"""They wait for a server."""
TEXTS = {str, str | bytes, str | None, Any, object, str | Path}


def functions() -> dict[str, Callable[[str], object]]:
    found = {}
    for module in map(importlib.import_module, sorted(_modules())):
        for name, member in vars(module).items():
            path = f"{module.__name__}.{name}"
            if inspect.isfunction(member) and member.__module__ == module.__name__ and takes_a_text(member):
                found[path] = member
    return {path: found[path] for path in found.keys() - WITH_OTHERS}


def _modules() -> Iterable[str]:
    for package in PACKAGES:
        path = [str(Path(__file__).parents[2] / package)]
        for info in pkgutil.walk_packages(path, f"{package}."):
            parts = info.name.split(".")
            if not info.ispkg and not set(parts) & {*NOT_ON_OUR_TIME, *IN_THE_CHILD}:
                yield info.name


def takes_a_text(function: Callable[..., object]) -> bool:
    needed = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
    ]
    if len(needed) != 1 or needed[0].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        return False
    try:
        return typing.get_type_hints(function).get(needed[0].name) in TEXTS
    except NameError:  # a name that is there for the type checker alone
        return needed[0].annotation in ("str", "Any")
