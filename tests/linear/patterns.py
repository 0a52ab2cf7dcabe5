"""Every regular expression in the source, and the texts that would make it backtrack most."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]  # the parser's own names, typeshed has none
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "workspaces", "monitors", "integrations")
FUNCTIONS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
SAMPLES = 'aA0_-.:/\\"{}<>()[]@,;=&#?+*%! \t\n\0é'
ENDINGS = ("", "\0", "\n!")


@dataclass(frozen=True)
class Pattern:
    where: str
    text: str
    flags: int
    functions: tuple[str, ...]
    """The methods that the module calls on it."""

    def __str__(self) -> str:
        return f"{self.where} {self.text}"

    def run(self, function: str, text: str) -> None:
        compiled = re.compile(self.text, self.flags)
        if function in ("sub", "subn"):
            compiled.sub("", text)
        elif function == "finditer":
            list(compiled.finditer(text))
        else:
            getattr(compiled, function)(text)

    def attacks(self) -> Iterator[tuple[str, str, str]]:
        """What stands before, what is repeated, what stands behind: made of the pattern's own parts."""
        tokens = sorted(tokens_of(parser.parse(self.text, self.flags)))[:16]
        pumps = {first + second for first, second in product(tokens, ["", *tokens])}
        starts = ["", *[token for token in tokens if len(token) > 1][:6], *starts_of(self.text, self.flags)]
        for start, pump, end in product(dict.fromkeys(starts), sorted(pumps), ENDINGS):
            if pump:
                yield start, pump, end


def tokens_of(parsed: Any) -> set[str]:
    """The literal texts of a pattern, and a character of each of its classes."""
    found, literal = set(), ""
    for code, argument in parsed:
        if code is codes.LITERAL:
            literal += chr(argument)
            found.add(chr(argument))
            continue
        found.add(literal)
        literal = ""
        if code in (codes.IN, codes.NOT_LITERAL, codes.ANY):
            found |= set(characters_of(code, argument))
        else:
            for inner in subpatterns_of(argument):
                found |= tokens_of(inner)
    return (found | {literal}) - {""}


def characters_of(code: Any, argument: Any) -> list[str]:
    """The first and the last of the samples that a class takes."""
    taken = [sample for sample in SAMPLES if _takes(code, argument, sample)]
    return [taken[0], taken[-1]] if taken else []


def _takes(code: Any, argument: Any, character: str) -> bool:
    if code is codes.ANY:
        return character != "\n"
    if code is codes.NOT_LITERAL:
        return character != chr(argument)
    negated: bool = any(kind is codes.NEGATE for kind, _ in argument)
    return negated != any(_in_class(kind, value, character) for kind, value in argument)


def _in_class(kind: Any, value: Any, character: str) -> bool:
    if kind is codes.LITERAL:
        return character == chr(value)
    if kind is codes.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is codes.CATEGORY:
        name = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}
        name |= {"CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_NOT_SPACE": r"\S", "CATEGORY_NOT_WORD": r"\W"}
        return re.match(name[str(value)], character) is not None
    return False


def subpatterns_of(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for one in argument:
            yield from subpatterns_of(one)


def starts_of(text: str, flags: int) -> list[str]:
    """A text that the beginning of the pattern takes, for each part of it."""
    starts, start = [], ""
    for part in parser.parse(text, flags):
        start += _example([part])
        starts.append(start)
    return starts[:6]


def _example(parsed: Any) -> str:
    example = ""
    for code, argument in parsed:
        if code is codes.LITERAL:
            example += chr(argument)
        elif code in (codes.IN, codes.NOT_LITERAL, codes.ANY):
            example += "".join(characters_of(code, argument)[:1])
        elif inner := next(subpatterns_of(argument), None):
            example += _example(inner)
    return example


def patterns() -> list[Pattern]:
    """Raises AssertionError for one that is not read from the source: it would go untested."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                found += patterns_in(path)
    return found


def patterns_in(path: Path) -> list[Pattern]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = str(path.relative_to(ROOT))
    names = dict(_assigned(tree))
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and _is_re(node.func)):
            continue
        function = node.func.attr  # type: ignore[attr-defined]
        if function not in FUNCTIONS | {"compile"}:
            continue
        text = _text(node.args[0], where)
        functions: tuple[str, ...] = (function,)
        if function == "compile":
            used = _uses(names[node], _source()) if node in names else _uses(r"\w+", path.read_text("utf-8"))
            functions = tuple(sorted(used)) or ("search",)
        found.append(Pattern(f"{where}:{node.lineno}", text, _flags(node), functions))
    return found


def _assigned(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.value, node.targets[0].id


def _is_re(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
    )


def _text(node: ast.expr, where: str) -> str:
    if isinstance(node, ast.Constant):
        return node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value)
    if isinstance(node, ast.JoinedStr):  # what is filled in stands for a word
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "word" for one in node.values)
    raise AssertionError(f"{where}:{node.lineno}: write the regular expression as one literal")


def _flags(node: ast.Call) -> int:
    names = [
        part.attr
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]
        for part in ast.walk(argument)
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "re"
    ]
    flags = 0
    for name in names:
        flags |= getattr(re, name)
    return flags


def _uses(name: str, source: str) -> set[str]:
    """The methods that are called on a compiled expression, of one without a name those of its module."""
    return set(re.findall(rf"\b{name}\.(\w+)\b", source)) & FUNCTIONS


@cache
def _source() -> str:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
