"""Serves what scripts ask of their run: `pm.sendRequest`, cookies, the vault and
`pm.execution.runRequest`."""

from __future__ import annotations

import errno
import re
from dataclasses import replace

from monitors.runner.bodies import Files
from monitors.runner.exchange import response_json
from monitors.runner.http import RequestFailed
from monitors.runner.item_runner import ItemRunner
from monitors.runner.model import Item
from monitors.runner.report import Execution
from monitors.runner.request import prepare
from monitors.runner.sandbox import HostRefusal
from monitors.runner.scopes import Scopes
from monitors.runner.scripting import Scripts
from monitors.runner.shapes import JsonObject, as_dict, as_list
from monitors.runner.variables import VariableScope

MAX_DEPTH = 5
"""Requests that run each other by `pm.execution.runRequest`: each needs a sandbox of its own."""
MAX_SCRIPT_REQUESTS = 1_000
MAX_VAULT_SECRETS = 1_000
MAX_SECRET = 20_000
"""Characters of the name and the value of a secret that a script puts into the vault."""
NODE_ERRNO = {"ENOTFOUND": -3008, "EAI_AGAIN": -3001, "Z_DATA_ERROR": -3, "Z_BUF_ERROR": -5}
"""Error numbers of Node itself and of zlib. Those of the system come from Python."""
TIMEOUTS = ("ETIMEDOUT", "ESOCKETTIMEDOUT")
LOOKUP_ERROR = re.compile(r"getaddrinfo \w+ (?P<host>.*)")
SYSTEM_ERROR = re.compile(
    r"(?P<syscall>connect|read|write) (?P<code>E[A-Z0-9]+)(?: (?P<address>\S+):(?P<port>\d+)$)?"
)
SCRIPT_BEHAVIOR: JsonObject = {"disableBodyPruning": True}
"""`pm.sendRequest` sends the body of a GET too."""


class RunHost:
    """The `ScriptHost` of one item's scripts. `depth` counts the `runRequest` calls around the item."""

    def __init__(self, runner: ItemRunner, item: Item, execution: Execution, depth: int = 0) -> None:
        self._runner = runner
        self._context = runner.context
        self._item = item
        self._execution = execution
        self._depth = depth
        # A script must not upload files, whatever its request looks like.
        self._defaults = replace(runner.context.request_defaults, files=Files())

    def send_request(self, request: JsonObject) -> tuple[JsonObject | None, JsonObject | None]:
        self._check_number_of_requests()
        if _remove_files(request):
            self._context.recorder.console("warn", "uploading files from scripts is not allowed", self._item)
        try:
            prepared = prepare(request, None, SCRIPT_BEHAVIOR, self._defaults)
        except RequestFailed as failure:
            self._runner.record_unsent(self._item, request, failure, self._execution, from_script=True)
            return _error_json(failure), None
        sent = self._runner.send(prepared, self._item, self._execution, from_script=True)
        if sent.error:
            return _error_json(sent.error), None
        assert sent.exchange
        return None, {**response_json(sent.exchange.response), "cookie": sent.exchange.cookies}

    def cookies(self, action: str, arguments: list[object]) -> object:
        try:
            return self._context.client.cookies.store(action, arguments)
        except ValueError as problem:
            raise HostRefusal(str(problem))

    def vault(self, command: str, arguments: list[object]) -> object:
        vault, key = self._runner.scopes.vault, str(arguments[0]) if arguments else ""
        if command == "set":
            value = str(arguments[1]) if len(arguments) > 1 else ""
            if len(vault.keys() | {key}) > MAX_VAULT_SECRETS or len(key) + len(value) > MAX_SECRET:
                raise HostRefusal(
                    f"The vault holds at most {MAX_VAULT_SECRETS} secrets of {MAX_SECRET} characters each"
                )
            vault[key] = value
        elif command == "unset":
            vault.pop(key, None)
        else:
            return vault.get(key)
        return None

    def run_request(self, reference: str, options: JsonObject) -> JsonObject | None:
        item = next((item for item in self._context.items if reference in (item.id, item.name)), None)
        if item is None:
            raise HostRefusal(f"runRequest: there is no request {reference} in this collection")
        self._check_number_of_requests()
        if self._depth >= MAX_DEPTH:
            raise HostRefusal(f"runRequest: more than {MAX_DEPTH} requests run each other")
        scopes = _scopes_of(options, self._runner.scopes)
        # The sandbox of the script that asks is waiting, so the request's own scripts need another.
        with Scripts(self._context) as scripts:
            runner = ItemRunner(self._context, scopes, scripts)
            host = RunHost(runner, item, self._execution, self._depth + 1)
            outcome = runner.execute(item, self._execution, host)
        if outcome.skipped or outcome.sent is None:
            return None
        if outcome.sent.error:
            raise HostRefusal(outcome.sent.error.message)
        assert outcome.sent.response
        return {**response_json(outcome.sent.response), "variableMutations": outcome.mutations}

    def _check_number_of_requests(self) -> None:
        if len(self._execution.sent) >= MAX_SCRIPT_REQUESTS:
            raise HostRefusal(f"The scripts of one request may send at most {MAX_SCRIPT_REQUESTS} requests")


def _scopes_of(options: JsonObject, outer: Scopes) -> Scopes:
    """The script's variables as they are now, with the overrides that it passes to `runRequest`."""
    context = as_dict(options.get("context"))

    def scope(name: str) -> VariableScope:
        return VariableScope.from_json({"values": context.get(name)})

    local = scope("_variables")
    for key, value in as_dict(options.get("variables")).items():
        local.set(key, value)
    return Scopes(scope("environment"), scope("collectionVariables"), scope("globals"), local, outer.vault)


def _remove_files(request: JsonObject) -> bool:
    """Remove uploads of files from a request. Returns whether there were any."""
    body = as_dict(request.get("body"))
    if body.get("mode") == "file":
        request["body"] = None
        return True
    parts = as_list(body.get("formdata")) if body.get("mode") == "formdata" else []
    kept = [part for part in parts if as_dict(part).get("type") != "file"]
    if len(kept) == len(parts):
        return False
    body["formdata"] = kept
    return True


def _error_json(failure: RequestFailed) -> JsonObject:
    """The error for a script's callback, with the properties of Node's errors, which `pm.expect(error)`
    prints."""
    error: JsonObject = {"message": failure.message}
    if failure.code:
        error["code"] = failure.code
    if failure.code in NODE_ERRNO:
        error = {"errno": NODE_ERRNO[failure.code], **error}
    if lookup := LOOKUP_ERROR.fullmatch(failure.message):
        return {**error, "syscall": "getaddrinfo", "hostname": lookup["host"]}
    if failure.message == failure.code and failure.code in TIMEOUTS:
        return {**error, "connect": failure.code == "ETIMEDOUT"}
    if failure.code and failure.code.startswith("HPE_"):
        return {**error, "reason": failure.message.removeprefix("Parse Error: ")}
    system = SYSTEM_ERROR.match(failure.message)
    if system is None:
        return error
    error = {"errno": -getattr(errno, system["code"], 0), **error, "syscall": system["syscall"]}
    return error | ({"address": system["address"], "port": int(system["port"])} if system["port"] else {})
