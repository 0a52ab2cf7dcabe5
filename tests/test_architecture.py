"""What docs/architecture.md promises of the code: who imports whom, who knows which provider, and more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from integrations.registry import PROVIDERS
from tests.structure import Structure, imported_names, package_of, working_tree

ROOT = Path(settings.BASE_DIR)
LAYERS = ["workspaces", "monitors", "integrations", "config"]
"""Each may import itself and what stands before it."""

FRAMEWORKS = {"django", "rest_framework", "celery", "environ"}

LOCAL_IMPORTS = {
    "manage.py": "run_collection and version need neither settings nor a database",
    "integrations/apps.py": "receivers need the models, which are not there yet when apps are imported",
    "monitors/apps.py": "receivers need the models, which are not there yet when apps are imported",
    "config/demo/__main__.py": "the environment has to be set before the settings are read",
    "tests/chaos/__main__.py": "the environment has to be set before the settings are read",
    "tests/screenshots/__main__.py": "the environment has to be set before the settings are read",
}
"""Imports inside a function hide a circle, so each has its reason."""

MAX_LOCAL_IMPORTS = 9
MAX_CAUGHT_ALL = 5
MAX_TEST_LINES = 400
MAX_LINES = 329
MAX_FUNCTION_LINES = 59
MAX_ANY_PER_1000_LINES = 12

IN_THE_REGISTRY = {"integrations/registry.py": "the list of providers"}
NAMED_OUTSIDE: dict[str, dict[str, str]] = {
    "pagerduty": {
        "config/api_settings.py": "the description of the API",
        "config/settings.py": "where the operator says how to reach it",
        "config/demo": "shows the way from a failing monitor to an incident in PagerDuty",
    },
    "webhook": {
        "monitors/models/runs.py": "a type of run, by Postman's name",
        "templates/monitors/runs/run.html": "the words for this type of run",
    },
}
"""Where a provider is named outside of its folder, and why."""

PATTERNS = {"email": r"integrations[./]email|(provider|slug) [=!]= \"email\""}
"""By what else than its name a provider is found: people have an e-mail address, too."""

TEXT_SUFFIXES = {".py", ".html", ".txt", ".js", ".css", ".md"}
OLD_WORDS = re.compile(
    r"\b_?(?:MOST|LONGEST|LARGEST|DEEPEST|FEWEST|LEAST|SHORTEST)_\w+"
    r"|(?<![a-z])(?:told|untold|owed|owes|mend|mends|mended|anew)(?![a-z])"
)
BRITISH_WORDS = re.compile(
    r"\w*(?:haviour|colour|avour|honour|neighbour|labell(?!edby)|catalogue|licence|centre)\w*|towards"
    # One of Postman's own names has it.
    r"|\b(?!_postman)\w*(?:author|categor|custom|initial|minim|normal|organ|recogn|serial|summar|util)is(?:e|ing|ation)\w*",
    re.IGNORECASE,
)

NO_NAMES_OF_CODE = {"runs.<region>": "the name of a queue"}


def sources(folder: str) -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]


def all_sources() -> list[Path]:
    return [ROOT / "manage.py", *(path for folder in [*LAYERS, "tests"] for path in sources(folder))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_in(tree: ast.AST, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported_names(node, package_of(relative(path)))


def imports_of(path: Path) -> list[str]:
    return list(imports_in(ast.parse(path.read_text()), path))


def is_within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


@pytest.mark.parametrize("layer", LAYERS)
def test_no_app_imports_one_that_builds_on_it(layer: str) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 :]
    upward = {
        relative(path): module
        for path in sources(layer)
        for module in imports_of(path)
        if any(is_within(module, other) for other in above)
    }
    assert upward == {}


def test_the_engine_needs_nothing_but_itself() -> None:
    strange = {
        relative(path): module
        for path in sources("monitors/runner")
        for module in imports_of(path)
        if module.split(".")[0] in {*FRAMEWORKS, *LAYERS} and not is_within(module, "monitors.runner")
    }
    assert strange == {}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_imported_by_nobody(provider: str) -> None:
    """The registry finds it by its name, so its folder can be taken away with one line."""
    package = f"integrations.{provider}"
    importers = [
        relative(path)
        for layer in LAYERS
        for path in sources(layer)
        if not relative(path).startswith(f"integrations/{provider}/")
        if any(is_within(module, package) for module in imports_of(path))
    ]
    assert importers == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_named_in_its_own_folder_alone(provider: str) -> None:
    name = re.compile(PATTERNS.get(provider, provider), re.IGNORECASE)
    naming = {relative(path) for path in texts_outside(provider) if name.search(path.read_text())}
    exempt = IN_THE_REGISTRY | NAMED_OUTSIDE.get(provider, {})
    assert {path for path in naming if not path.startswith(tuple(exempt))} == set()
    assert [prefix for prefix in exempt if not any(path.startswith(prefix) for path in naming)] == []


def texts_outside(provider: str) -> Iterator[Path]:
    for path in (path for folder in [*LAYERS, "templates"] for path in (ROOT / folder).rglob("*.*")):
        is_text = path.suffix in TEXT_SUFFIXES
        is_its_own = relative(path).startswith(f"integrations/{provider}/")
        if is_text and not is_its_own and "migrations" not in path.parts:
            yield path


def test_imports_inside_functions_are_few_and_have_a_reason() -> None:
    local = [
        relative(path)
        for path in all_sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for module in imports_in(node, path)
        if module.split(".")[0] in {*LAYERS, "tests"}
    ]
    assert set(local) == LOCAL_IMPORTS.keys()
    assert len(local) <= MAX_LOCAL_IMPORTS


def test_errors_of_any_kind_are_caught_rarely_and_with_a_reason() -> None:
    handlers = [
        (relative(path), node.lineno, ast.get_source_segment(text, node) or "")
        for layer in LAYERS
        for path in sources(layer)
        for text in [path.read_text()]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler) and catches_all(node)
    ]
    assert len(handlers) <= MAX_CAUGHT_ALL
    assert [f"{path}:{line}" for path, line, source in handlers if "#" not in source] == []


def catches_all(handler: ast.ExceptHandler) -> bool:
    """What only cleans up and lets the error go on catches nothing."""
    last = handler.body[-1]
    goes_on = isinstance(last, ast.Raise) and last.exc is None
    kind = handler.type.id if isinstance(handler.type, ast.Name) else None
    return not goes_on and (handler.type is None or kind in ("Exception", "BaseException"))


@pytest.fixture(scope="module")
def structure() -> Structure:
    return Structure(working_tree())


def test_no_files_import_each_other(structure: Structure) -> None:
    """Imports in functions count here, since they would only hide a circle."""
    assert structure.circles(with_local_imports=True) == []


def test_no_file_is_too_long_to_read(structure: Structure) -> None:
    assert [file for file in structure.files_by_length if file.lines > MAX_LINES] == []


def test_no_test_file_is_too_long_to_read() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in sources("tests")}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_TEST_LINES} == {}


def test_no_function_is_too_long_to_read(structure: Structure) -> None:
    assert [each for each in structure.functions_by_length if each.lines > MAX_FUNCTION_LINES] == []


def test_types_are_rarely_left_open(structure: Structure) -> None:
    density = structure.any_per_1000_lines
    assert density <= MAX_ANY_PER_1000_LINES


@pytest.mark.parametrize("words", [OLD_WORDS, BRITISH_WORDS], ids=["words", "spelling"])
def test_code_pages_and_documents_keep_to_the_glossary(words: re.Pattern[str]) -> None:
    found = {
        f"{relative(path)}:{number} {match[0]}"
        for path in texts()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for match in words.finditer(line)
    }
    assert found == set()


def test_the_glossary_explains_each_word_once_and_in_order() -> None:
    words = re.findall(r"^\| (\w.*?) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)[1:]
    assert words == sorted(set(words), key=str.lower)


def texts() -> Iterator[Path]:
    """Source, pages and documents."""
    yield from ROOT.glob("*.md")
    for folder in (*LAYERS, "templates", "docs"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in TEXT_SUFFIXES and "migrations" not in path.parts:
                yield path


def test_the_page_on_architecture_names_what_there_is() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    quoted = set(re.findall(r"`([^`\n]+)`", text)) - NO_NAMES_OF_CODE.keys()
    known = names_in_the_code() | packages()
    assert {name for name in quoted if not is_path(name) and name.split("(")[0] not in known} == set()


def is_path(name: str) -> bool:
    return any((ROOT / name.replace("<provider>", provider)).exists() for provider in PROVIDERS)


def names_in_the_code() -> set[str]:
    """What is defined, and the settings of the environment."""
    names = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    for layer in LAYERS:
        for path in sources(layer):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    names.add(node.name)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
    return names


def packages() -> set[str]:
    required = (ROOT / "requirements.txt").read_text() + (ROOT / "package.json").read_text()
    return set(re.findall(r"[\w@/-]+", required))
