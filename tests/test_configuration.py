"""What the code reads from the environment is what docs/configuration.md and .env.example describe."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
TYPES = {
    "bool": "true or false",
    "db_url": "URL",
    "email_url": "URL",
    "int": "number",
    "list": "list",
    "secret": "secret",
    "str": "text",
}


def settings_read() -> dict[str, str]:
    """The type of each name that settings.py reads, by `env.type(name)` or `secret(name)`."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / "config/settings.py").read_text()))
        if isinstance(node, ast.Call)
    ]
    types = {}
    for call in calls:
        match call.func, call.args:
            case ast.Attribute(value=ast.Name(id="env"), attr=kind), [ast.Constant(value=str(name)), *_]:
                types[name] = TYPES[kind]
            case ast.Name(id="secret" as kind), [ast.Constant(value=str(name)), *_]:
                types[name] = TYPES[kind]
    return types


def procfile_reads() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", (ROOT / "Procfile").read_text()))


def described() -> dict[str, str]:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \|", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE
    )
    return dict(rows)


def in_example() -> list[str]:
    return re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_every_setting_is_described() -> None:
    assert set(described()) == set(settings_read()) | procfile_reads()


def test_the_described_types_are_those_of_the_code() -> None:
    read = settings_read()
    assert {name: kind for name, kind in described().items() if name in read} == read


def test_the_example_names_every_setting_once() -> None:
    assert sorted(in_example()) == sorted(described())


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_ENCRYPTION_KEYS"])
def test_no_secret_has_a_default_outside_of_debug(name: str) -> None:
    others = {"SECRET_KEY": "x", "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    done = manage("check", **others | {name: "", "DEBUG": "false"})
    assert f"Set {name}: " in done.stderr
    assert done.returncode == 1


def test_an_encryption_key_of_the_wrong_shape_is_refused() -> None:
    done = manage("check", SECRET_KEY="x", FIELD_ENCRYPTION_KEYS="not-a-key", DEBUG="false")
    assert "not a Fernet key" in done.stderr


def test_an_egress_network_of_the_wrong_shape_is_refused() -> None:
    assert "EGRESS_ALLOW" in manage("check", EGRESS_ALLOW="the office").stderr


def test_a_collection_can_be_run_without_any_setting(tmp_path: Path) -> None:
    collection = {"info": {"name": "Empty", "schema": "v2.1.0"}, "item": []}
    (tmp_path / "empty.json").write_text(json.dumps(collection))
    done = manage(
        "run_collection",
        str(tmp_path / "empty.json"),
        SECRET_KEY="",
        FIELD_ENCRYPTION_KEYS="",
        DEBUG="",
    )
    assert done.returncode == 0, done.stderr
