"""Runs a small collection with Newman and with Postwatch, each against its own target, for comparison."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitors.runner import (
    RunOptions,
    RunReport,
    VariableScope,
    load_collection,
    load_variables,
    run_collection,
)
from monitors.runner.http import EgressPolicy
from monitors.runner.printing import report_json
from monitors.runner.sandbox import Zygote
from tests.monitors.runner.target import Seen, Target

HERE = Path(__file__).parent
COLLECTIONS = HERE / "collections"
NODE_MODULES = HERE.parents[2] / "node_modules"
NAMES = sorted(path.stem for path in COLLECTIONS.glob("*.json") if "." not in path.stem.replace("2.0", ""))
NEWMAN_IS_HERE = shutil.which("node") is not None and (NODE_MODULES / "newman").is_dir()

VOLATILE_HEADERS = {"user-agent", "postman-token", "host", "connection", "content-length"}
RANDOM_IN_DIGEST = re.compile(r'(?:cnonce|response)="\w+"')
BOUNDARY = re.compile(r"boundary=([^\s;]+)")


@dataclass
class Observed:
    """A runner's report on a collection, and the requests that reached the target."""

    executions: list[dict[str, Any]]
    wire: list[Any]


def definition(name: str, kind: str, port: int) -> dict[str, Any] | None:
    """A fixture with the target's port filled in: `kind` is "", ".environment" or ".globals"."""
    path = COLLECTIONS / f"{name}{kind}.json"
    if not path.exists():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text().replace("$PORT", str(port)))
    return loaded


def with_newman(names: list[str]) -> dict[str, Observed]:
    with ExitStack() as stack:
        targets = {name: stack.enter_context(Target()) for name in names}
        options = [
            {
                "collection": definition(name, "", target.port),
                "environment": definition(name, ".environment", target.port),
                "globals": definition(name, ".globals", target.port),
            }
            for name, target in targets.items()
        ]
        done = subprocess.run(
            ["node", HERE / "run_newman.js"],
            input=json.dumps([{key: value for key, value in given.items() if value} for given in options]),
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        )
        results = json.loads(done.stdout)
        return {
            name: Observed(_without_port(result, target.port), wire(target))
            for (name, target), result in zip(targets.items(), results, strict=True)
        }


def with_postwatch(name: str, zygote: Zygote) -> Observed:
    with Target() as target:
        report = run_fixture(name, target, zygote)
        return Observed(_without_port(executions(report), target.port), wire(target))


def run_fixture(name: str, target: Target, zygote: Zygote, options: RunOptions | None = None) -> RunReport:
    return run_collection(
        load_collection(definition(name, "", target.port) or {}),
        environment=scope(name, ".environment", target),
        globals=scope(name, ".globals", target),
        options=options or RunOptions(request_timeout_ms=30_000),
        egress=EgressPolicy(allow_all=True),
        zygote=zygote,
    )


def scope(name: str, kind: str, target: Target) -> VariableScope | None:
    found = definition(name, kind, target.port)
    return load_variables(found) if found else None


def executions(report: RunReport) -> list[dict[str, Any]]:
    """The executions in the format of run_newman.js."""
    entries: Any = report_json(report)["executions"]
    return [
        {
            "item": entry["item"]["name"],
            "method": entry["request"]["method"],
            "code": entry["response"]["code"] if entry["response"] else None,
            "error": entry["error"]["code"] if entry["error"] else None,
            "scriptErrors": [_words(error) for error in entry["script_errors"]],
            "assertions": [_assertion(assertion) for assertion in entry["assertions"]],
        }
        for entry in entries
    ]


def _words(error: dict[str, Any]) -> str:
    name, message = error["name"], error["message"]
    return name if name == "SyntaxError" else f"{name}: {message}"


def _assertion(assertion: dict[str, Any]) -> list[str | None]:
    verdict = "skipped" if assertion["skipped"] else "passed" if assertion["passed"] else "failed"
    return [assertion["name"], verdict, assertion["error"]["message"] if assertion["error"] else None]


def wire(target: Target) -> list[Any]:
    return [_as_compared(seen, target.port) for seen in target.seen]


def _as_compared(seen: Seen, port: int) -> Any:
    """The request without its random parts: in headers, and the boundary of a multipart body."""
    headers = sorted(
        [name.lower(), RANDOM_IN_DIGEST.sub("", value)]
        for name, value in seen.headers
        if name.lower() not in VOLATILE_HEADERS
    )
    body = seen.body.decode("utf-8", "replace")
    if boundary := BOUNDARY.search(seen.header("content-type") or ""):
        body = body.replace(boundary[1], "BOUNDARY")
        headers = [[name, value.replace(boundary[1], "BOUNDARY")] for name, value in headers]
    return _without_port([seen.method, seen.target, headers, body], port)


def _without_port(value: Any, port: int) -> Any:
    return json.loads(json.dumps(value).replace(str(port), "PORT"))
