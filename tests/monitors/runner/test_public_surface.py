from __future__ import annotations

import ast
from pathlib import Path

from monitors import runner


def test_it_offers_a_handful_of_names() -> None:
    assert runner.__all__ == [
        "Collection",
        "CollectionError",
        "RunOptions",
        "RunReport",
        "RunResult",
        "RunnerError",
        "VariableScope",
        "VariablesError",
        "load_collection",
        "load_variables",
        "run_collection",
    ]


def test_it_knows_nothing_of_django_or_the_rest_of_postwatch() -> None:
    for path in Path(runner.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                assert name.split(".")[0] not in {"django", "workspaces", "integrations", "config"}, path
                assert not name.startswith("monitors") or name.startswith("monitors.runner"), path
