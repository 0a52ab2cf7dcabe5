"""Measures the shape of the source: size, circles of imports, `Any`, the longest parts, docstrings.

`python -m tests.structure` prints the statistics of the working tree. `--at REVISION` adds those of an
earlier revision. `tests/test_architecture.py` uses the same functions to hold the limits.
"""

import argparse
import ast
import io
import subprocess
import tarfile
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "integrations", "monitors", "workspaces")

Tree = dict[str, str]
"""The text of each Python file, by its path in the repository."""

NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


class LocalImport(NamedTuple):
    """A module of this project that is imported within a function."""

    path: str
    line: int
    module: str


class Length(NamedTuple):
    """How many lines a file or a function has, and where it is."""

    lines: int
    place: str


def working_tree() -> Tree:
    """The Python files of the apps and the tests as they are on disk."""
    paths = (path for folder in (*APPS, "tests") for path in sorted((ROOT / folder).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}


def tree_at(revision: str) -> Tree:
    """The same files as they are in a revision of git. Raises `CalledProcessError` when there is none."""
    archive = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    tree = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            content = files.extractfile(member)
            if content and member.name.endswith(".py") and member.name.split("/")[0] in (*APPS, "tests"):
                tree[member.name] = content.read().decode()
    return tree


@dataclass
class Structure:
    """The statistics of a tree. Migrations are left out, and so are tests, except in `test_lines`."""

    tree: Tree

    @cached_property
    def source(self) -> Tree:
        """The files that the statistics are about. Empty ones are left out."""
        return {
            path: text
            for path, text in self.tree.items()
            if text and path.startswith(tuple(f"{app}/" for app in APPS)) and "/migrations/" not in path
        }

    @cached_property
    def syntax(self) -> dict[str, ast.Module]:
        return {path: ast.parse(text) for path, text in self.source.items()}

    @cached_property
    def modules(self) -> dict[str, str]:
        """The path of each module, by its dotted name."""
        return {module_name(path): path for path in self.tree}

    @property
    def lines(self) -> int:
        return sum(map(line_count, self.source.values()))

    @property
    def statement_lines(self) -> int:
        """Without empty lines, comments and docstrings."""
        return sum(len(lines_of_statements(text, self.syntax[path])) for path, text in self.source.items())

    @property
    def test_lines(self) -> int:
        return sum(line_count(text) for path, text in self.tree.items() if path.startswith("tests/"))

    @property
    def any_per_1000_lines(self) -> float:
        """How often the name `Any` is used, its imports aside."""
        names = Counter(name_of(node) for tree in self.syntax.values() for node in ast.walk(tree))
        return 1000 * names["Any"] / self.lines

    @property
    def files_by_length(self) -> list[Length]:
        return sorted((Length(line_count(text), path) for path, text in self.source.items()), reverse=True)

    @property
    def functions_by_length(self) -> list[Length]:
        """Without decorators."""
        return sorted(
            (
                Length((node.end_lineno or 0) - node.lineno + 1, f"{path}:{node.lineno} {node.name}")
                for path, tree in self.syntax.items()
                for node in ast.walk(tree)
                if isinstance(node, Function)
            ),
            reverse=True,
        )

    @property
    def local_imports(self) -> list[LocalImport]:
        return [
            LocalImport(path, line, module)
            for path, tree in self.syntax.items()
            for function in outermost_functions(tree)
            for line, module in self._imported(path, ast.walk(function))
        ]

    def circles(self, *, with_local_imports: bool = False) -> list[list[str]]:
        """The groups of files that import each other when they run, directly or through others."""
        imports = {
            path: {
                self.modules[module]
                for _, module in self._imported(
                    path, ast.walk(tree) if with_local_imports else run_when_imported(tree)
                )
            }
            for path, tree in self.syntax.items()
        }
        reachable = {path: all_reachable(path, imports) for path in imports}
        groups = {
            tuple(sorted(other for other in reachable[path] if path in reachable.get(other, ())))
            for path in imports
            if path in reachable[path]
        }
        return [list(group) for group in sorted(groups)]

    def documented(self, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> float:
        """The share of public modules, classes or functions that have a docstring."""
        found = [
            ast.get_docstring(node) is not None
            for tree in self.syntax.values()
            for node in public_parts(tree)
            if isinstance(node, kind)
        ]
        return sum(found) / len(found)

    def _imported(self, path: str, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
        """The line and the name of each module of this project that is imported by one of these nodes."""
        nodes = list(nodes)
        skipped = {id(child) for node in nodes for child in only_for_type_checkers(node)}
        for node in nodes:
            if id(node) in skipped or not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for name in imported_names(node, package_of(path)):
                module = name if name in self.modules else name.rpartition(".")[0]
                if module in self.modules and self.modules[module] != path:
                    yield node.lineno, module


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_of(path: str) -> str:
    return path.rpartition("/")[0].replace("/", ".")


def line_count(text: str) -> int:
    return len(text.splitlines())


def lines_of_statements(text: str, tree: ast.Module) -> set[int]:
    """The numbers of the lines that hold statements: text that stands alone describes them only."""
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def name_of(node: ast.AST) -> str | None:
    """The name that is used here, without what stands before its dot."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def imported_names(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """The dotted names that may be modules: `from a import b` may mean the module `a.b`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        parents = package.split(".")[: -node.level + 1 or None] if node.level else []
        module = ".".join([*parents, *filter(None, [node.module])])
        yield from (f"{module}.{alias.name}" for alias in node.names)


def only_for_type_checkers(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and name_of(node.test) == "TYPE_CHECKING":
        yield from (child for statement in node.body for child in ast.walk(statement))


def run_when_imported(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those within functions."""
    yield node
    if not isinstance(node, Function | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from run_when_imported(child)


def outermost_functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in run_when_imported(tree) if isinstance(node, Function))


def all_reachable(start: str, imports: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        found = imports.get(waiting.pop(), set()) - reached
        reached |= found
        waiting.extend(found)
    return reached


def public_parts(tree: ast.Module) -> Iterator[ast.Module | Definition]:
    """A module with its public classes, methods and functions. Django's `Meta` needs no description."""
    yield tree
    waiting: list[ast.Module | ast.ClassDef] = [tree]
    for part in waiting:
        for node in part.body:
            if isinstance(node, Definition) and not node.name.startswith("_") and node.name != "Meta":
                yield node
                if isinstance(node, ast.ClassDef):
                    waiting.append(node)


def rows(structure: Structure) -> dict[str, str]:
    """What is printed of a tree."""
    file, function = structure.files_by_length[0], structure.functions_by_length[0]
    return {
        "lines of source": f"{structure.lines:,}",
        "  with statements": f"{structure.statement_lines:,}",
        "files of source": f"{len(structure.source):,}",
        "lines of tests": f"{structure.test_lines:,}",
        "circles of imports": in_words(structure.circles()),
        "  with imports in functions": in_words(structure.circles(with_local_imports=True)),
        "imports in functions": str(len(structure.local_imports)),
        "Any per 1,000 lines": f"{structure.any_per_1000_lines:.1f}",
        "longest file": f"{file.lines} {file.place}",
        "longest function": f"{function.lines} {function.place}",
        "docstrings of functions": f"{structure.documented((ast.FunctionDef, ast.AsyncFunctionDef)):.0%}",
        "  of classes": f"{structure.documented(ast.ClassDef):.0%}",
        "  of modules": f"{structure.documented(ast.Module):.0%}",
    }


def in_words(circles: list[list[str]]) -> str:
    return (
        f"{len(circles)} (of {', '.join(str(len(circle)) for circle in circles)} files)" if circles else "0"
    )


def print_table(columns: dict[str, dict[str, str]]) -> None:
    names = [*next(iter(columns.values()))]
    lines = [["", *columns], *([name, *(column[name] for column in columns.values())] for name in names)]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_imports(structure: Structure) -> None:
    for circle in structure.circles(with_local_imports=True):
        print("\nThese files import each other:", *circle, sep="\n  ")
    if structure.local_imports:
        print("\nImports of this project in functions:")
        for path, line, module in structure.local_imports:
            print(f"  {path}:{line} {module}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.structure", description="Measures the source.")
    parser.add_argument(
        "--at", metavar="REVISION", action="append", default=[], help="print this revision beside it"
    )
    arguments = parser.parse_args()
    structures = {revision: Structure(tree_at(revision)) for revision in arguments.at}
    structures["working tree"] = Structure(working_tree())
    print_table({title: rows(structure) for title, structure in structures.items()})
    print_imports(structures["working tree"])


if __name__ == "__main__":
    main()
