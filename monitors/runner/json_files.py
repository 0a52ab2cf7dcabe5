"""Reads JSON files; when a file holds something else, the error says what it seems to be."""

from __future__ import annotations

import json
import re
from pathlib import Path

from monitors.runner.errors import RunnerError

MAX_DIGITS = 1000
EXPORT_AS_JSON = "Export it from Postman as JSON, as Collection v2.1."
BEGINNING = 2000
"""Characters that are searched for signs of YAML."""
YAML_OF_POSTMAN = re.compile(r"^\$(?:kind|schema):", re.MULTILINE)
YAML_OF_OPENAPI = re.compile(r"^(?:openapi|swagger):", re.MULTILINE)


def read_json(path: str | Path, error: type[RunnerError] = RunnerError) -> object:
    """The JSON value in a file. Raises `error` for a file that is missing, unreadable or not JSON."""
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise error(f"There is no file {path}.")
    except IsADirectoryError:
        raise error(f"{path} is a folder, such as Postman 12 keeps collections in. {EXPORT_AS_JSON}")
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem.strerror}.")
    try:
        return json.loads(text_of(content), parse_int=_parse_integer, parse_constant=_reject_constant)
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise error(f"{path} is not JSON: {problem.msg} at {where}.")
    except ValueError as problem:
        raise error(f"{path} cannot be read: {problem}")
    except RecursionError:
        raise error(f"{path} holds JSON that is nested too deep.")


def text_of(content: bytes | str) -> str:
    """The text of a file that should hold JSON, in UTF-8, UTF-16 or UTF-32, without its byte order mark.

    Raises ValueError when the file is recognized as something else: the message is a sentence that says what.
    """
    text = content if isinstance(content, str) else _decoded(content)
    text = text.removeprefix("\ufeff")
    if YAML_OF_POSTMAN.search(text[:BEGINNING]):
        raise ValueError(f"This is YAML, such as Postman 12 keeps collections in. {EXPORT_AS_JSON}")
    if YAML_OF_OPENAPI.search(text[:BEGINNING]):
        raise ValueError(
            "This is an OpenAPI document in YAML: import it into Postman and export the collection there."
        )
    return text


def _decoded(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        raise ValueError("This is a ZIP archive: unpack it and take the JSON files in it.")
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        raise ValueError("This is not text in UTF-8 or UTF-16: save it as UTF-8.") from None


def _parse_integer(digits: str) -> int:
    # Python rejects long integers too, but its message names sys.set_int_max_str_digits.
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"It has a number of more than {MAX_DIGITS} digits.")
    return int(digits)


def _reject_constant(name: str) -> None:
    raise ValueError(f"It has the word {name}, which is no number in JSON.")
