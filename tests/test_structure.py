"""The measurements that hold the limits of test_architecture.py see what they should."""

import ast

import pytest

from tests.structure import ROOT, Structure, tree_at, working_tree


def test_files_that_import_each_other_are_a_circle() -> None:
    tree = {
        "monitors/a.py": "from monitors import b",
        "monitors/b.py": "from monitors.c import anything",
        "monitors/c.py": "import monitors.a",
        "monitors/d.py": "import monitors.a",
    }
    assert Structure(tree).circles() == [["monitors/a.py", "monitors/b.py", "monitors/c.py"]]


def test_imports_for_type_checkers_make_no_circle() -> None:
    hidden = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from monitors import b"
    tree = {"monitors/a.py": hidden, "monitors/b.py": "from monitors import a"}
    assert Structure(tree).circles(with_local_imports=True) == []


def test_imports_in_functions_are_listed_and_hide_no_circle() -> None:
    hidden = "def later():\n    from monitors.b import anything"
    structure = Structure({"monitors/a.py": hidden, "monitors/b.py": "from monitors import a"})
    assert structure.local_imports == [("monitors/a.py", 2, "monitors.b")]
    assert structure.circles() == []
    assert structure.circles(with_local_imports=True) == [["monitors/a.py", "monitors/b.py"]]


@pytest.mark.parametrize("line", ["from ..b import anything", "from .. import b", "import monitors.b"])
def test_relative_imports_are_followed(line: str) -> None:
    tree = {"monitors/c/a.py": line, "monitors/b.py": "from monitors.c.a import anything"}
    assert Structure(tree).circles() == [["monitors/b.py", "monitors/c/a.py"]]


def test_migrations_and_tests_are_not_measured() -> None:
    tree = {"monitors/a.py": "x = 1\n", "monitors/migrations/a.py": "x = 1\n", "tests/a.py": "x = 1\nx = 1\n"}
    assert (Structure(tree).lines, Structure(tree).test_lines) == (1, 2)


def test_any_is_counted_where_it_is_used() -> None:
    text = "import typing\nfrom typing import Any\na: Any\nb: typing.Any\n"
    assert Structure({"monitors/a.py": text}).any_per_1000_lines == 500


def test_only_public_names_need_docstrings() -> None:
    text = 'class A:\n    class Meta: ...\n    def a(self):\n        """Does."""\n    def _b(self): ...\n'
    structure = Structure({"monitors/a.py": text})
    assert structure.documented(ast.FunctionDef) == 1
    assert structure.documented(ast.ClassDef) == 0


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout of git")
def test_an_earlier_revision_is_read_as_the_working_tree_is() -> None:
    assert "tests/structure.py" in working_tree()
    assert "tests/test_architecture.py" in tree_at("HEAD")
