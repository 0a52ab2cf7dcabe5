"""Sends the same requests with Newman and with Postwatch to one server, for comparison on the wire."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any

import pytest

from monitors.runner import RunOptions, load_collection, run_collection
from monitors.runner.http import EgressPolicy
from tests.monitors.runner.http.server import RawRequest, RawServer
from tests.monitors.runner.parity import HERE, NEWMAN_IS_HERE, NODE_MODULES, executions

needs_newman = [
    pytest.mark.newman,
    pytest.mark.skipif(not NEWMAN_IS_HERE, reason="Newman is not installed: npm install"),
]

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
UNCOMPARED = {"user-agent", "postman-token", "host", "connection"}
Item = dict[str, Any]
WireForm = tuple[str, dict[str, list[str]], str]


def collection(items: list[Item], **more: Any) -> dict[str, Any]:
    named = [{"name": str(at), **item} for at, item in enumerate(items)]
    return {"info": {"name": "same", "schema": SCHEMA}, "item": named, **more}


def reported_by_newman(collection: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """What Newman says that came of each request; `options` are those of its `run`."""
    done = subprocess.run(
        ["node", HERE / "run_newman.js"],
        input=json.dumps([{"collection": collection, **options}]),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
    )
    reported: list[dict[str, Any]] = json.loads(done.stdout)[0]
    return reported


def reported_by_us(collection: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """What Postwatch says; `options` are those of RunOptions."""
    given = RunOptions(**{"request_timeout_ms": 3000, **options})
    return executions(
        run_collection(load_collection(collection), egress=EgressPolicy(allow_all=True), options=given)
    )


def sent_by_newman(server: RawServer, collection: dict[str, Any], **options: Any) -> list[RawRequest]:
    """What reaches the server from Newman."""
    before = len(server.seen)
    reported_by_newman(collection, **options)
    return server.seen[before:]


def sent_by_us(server: RawServer, collection: dict[str, Any], **options: Any) -> list[RawRequest]:
    """What reaches the server from Postwatch."""
    before = len(server.seen)
    reported_by_us(collection, **options)
    return server.seen[before:]


def wire_form(request: RawRequest) -> WireForm:
    """A request without what is random or ours by right: request line, fields by name, body."""
    fields: dict[str, list[str]] = {}
    for name, value in request.fields:
        if name.lower() not in UNCOMPARED:
            fields.setdefault(name.lower(), []).append(value)
    boundary = re.search(r"boundary=(\S+)", request.field("content-type") or "")
    body = request.body.decode("utf-8", "replace")
    if boundary:
        body = body.replace(boundary[1], "BOUNDARY")
        fields["content-type"] = ["multipart/form-data"]
        fields.pop("content-length", None)
    return request.line, fields, body


def assert_same_wire(server: RawServer, items: list[Item], **more: Any) -> None:
    """Every item sends the same requests with both, apart from what `wire_form` leaves out."""
    given = collection(items, **more)
    newman = list(map(wire_form, sent_by_newman(server, given)))
    ours = list(map(wire_form, sent_by_us(server, given)))
    assert ours == newman
