"""Postman's script bundle in QuickJS: the JavaScript context of one process."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

# Not `quickjs`: that module starts a thread, and a process with threads cannot be forked safely.
import _quickjs

from . import webcrypto
from .bundle import patched
from .quickjs_api import QuickJSApi

JAVASCRIPT = Path(__file__).parent / "javascript"
BUNDLE = "postman-sandbox/.cache/bootcode.browser.js"
PARSER = "acorn/dist/acorn.js"
POLYFILLS = "core-js-bundle/minified.js"
HOST_FILES = (
    "timers",
    "console",
    "random",
    "encoding",
    "sources",
    "calls",
    "errors",
    "json",
    "names",
    "deferred",
    "bridge",
    "rejections",
    "locale",
    "events",
    "files",
    "algorithms",
    "subtle",
    "crypto",
)
"""In the order of loading: a file comes after those whose additions to `host` it uses."""

STACK_BYTES = 4 * 1024 * 1024

Native = Callable[..., object]


class Engine:
    """One JavaScript context with the bundle booted in it.

    `send` is called with each message of the bundle: JSON text of an event's name and its arguments.
    """

    def __init__(self, node_modules: Path) -> None:
        self.send: Callable[[str], None] = _discard
        self._context = _quickjs.Context()
        self._context.set_max_stack_size(STACK_BYTES)
        self._api = QuickJSApi(self._context)
        self._host = self._load_host(node_modules)
        self._load_bundle(node_modules)
        self._tick = self._member("tick")
        self._receive = self._member("receive")
        self._report_rejections = self._member("reportRejections")
        self._seed = self._member("seed")
        self._memory_limit = self._memory_at_start = 0
        self.receive('["initialize", {}]')

    def receive(self, message: str) -> None:
        """Pass a message to the bundle, and run all microtasks, but no timers."""
        self._receive(message)
        self._settle()

    def tick(self) -> int:
        """Run one timer that is due. Returns the milliseconds until the next one is due; -1 when there is
        none."""
        delay: int = self._tick()
        self._settle()
        return delay

    def warm_up(self) -> None:
        """Run a script that uses the common parts of the bundle, so that they are initialized before the
        fork."""
        script = (JAVASCRIPT / "warm_up.js").read_text(encoding="utf-8")
        header = [{"key": "Content-Type", "value": "application/json"}]
        request = {"url": "http://localhost/path?query=1", "header": [{"key": "Accept", "value": "*/*"}]}
        response = {"code": 200, "header": header, "stream": {"type": "Text", "data": '{"list":["text"]}'}}
        context = {"request": request, "response": response}
        for listen in ("prerequest", "test", "test"):
            event = {"listen": listen, "script": {"exec": script}}
            self.receive(json.dumps(["execute", "warm-up", event, context, {}]))
            while self.tick() >= 0:
                pass

    def begin(self) -> None:
        """Prepare the engine of a forked child: seed Math.random, and measure memory from here on."""
        self._seed(os.urandom(16).hex())
        self._memory_at_start = _peak_memory()

    def limit_memory(self, growth: int) -> None:
        """Let the heap grow by `growth` bytes from now on.

        A garbage collection would touch, and so copy, every page that a child shares with the zygote. None
        starts before half of the growth is used.
        """
        self._context.gc()
        self._memory_limit = growth
        size = self._context.memory()["malloc_size"]
        self._context.set_memory_limit(size + growth)
        self._api.set_gc_threshold(size + growth // 2)

    def _memory_grew(self) -> bool:
        """Whether memory has grown so much at some moment that the engine may have reached its limit."""
        return _peak_memory() - self._memory_at_start > self._memory_limit // 4

    def _settle(self) -> None:
        while True:
            while self._context.execute_pending_job():
                pass
            if not self._report_rejections():
                return

    def _member(self, name: str) -> _quickjs.Object:
        return self._context.eval("(object, name) => object[name]")(self._host, name)

    def _load_host(self, node_modules: Path) -> _quickjs.Object:
        natives: dict[str, Native] = {
            "send": lambda text: self.send(text),
            "memoryGrew": self._memory_grew,
            "entropy": _entropy,
            "digest": _digest,
            "subtle": webcrypto.call,
            "utf8Bytes": _utf8_bytes,
            "utf8Text": _utf8_text,
        }
        for name, function in natives.items():
            self._context.add_callable(name, function)
        host = self._context.eval(
            f"(() => {{ const host = {{ {', '.join(natives)} }};"
            " for (const name in host) { delete globalThis[name]; } return host; })()"
        )
        self._run("globals", host)
        polyfills = (node_modules / POLYFILLS).read_text(encoding="utf-8")
        self._context.eval("(host, load) => host.keepOnlyGlobals(load)")(
            host, self._context.eval(f"() => {{ {polyfills}\n}}")
        )
        parser = (node_modules / PARSER).read_text(encoding="utf-8")
        self._context.eval(f"(host) => {{ const exports = host.acorn = {{}}, module = {{}};\n{parser}\n}}")(
            host
        )
        for name in HOST_FILES:
            self._run(name, host)
        return host

    def _run(self, name: str, host: _quickjs.Object) -> None:
        source = (JAVASCRIPT / f"{name}.js").read_text(encoding="utf-8")
        self._context.eval(source)(host)

    def _load_bundle(self, node_modules: Path) -> None:
        exported = (node_modules / BUNDLE).read_text(encoding="utf-8")
        code = self._context.eval(
            f"(() => {{ const module = {{}}; let code; {exported};"
            " module.exports((error, text) => { code = text; }); return code; })()"
        )
        # The file name distinguishes stack frames of the bundle from those of scripts.
        self._api.set_global("boot", f"(function (host) {{ {patched(code)}\n}})", "postman-sandbox")
        boot = self._context.eval(
            "(() => { const { boot } = globalThis; delete globalThis.boot; return boot; })()"
        )
        boot(self._host)
        self._run("sdk", self._host)
        self._run("identifiers", self._host)
        self._run("responses", self._host)
        self._context.set("track", self._member("rejection"))
        self._api.track_rejections("track")
        self._context.eval("delete track")


def _peak_memory() -> int:
    """The largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _discard(text: str) -> None:
    """Before the fork, there is no session to send to."""


def _entropy(size: int) -> str:
    return os.urandom(size).hex()


def _digest(algorithm: str, data: str) -> str:
    return hashlib.new(algorithm, bytes.fromhex(data)).hexdigest()


def _utf8_bytes(json_text: str) -> str:
    return str(json.loads(json_text)).encode().hex()


def _utf8_text(hexadecimal: str, fatal: bool) -> str | None:
    data = bytes.fromhex(hexadecimal)
    try:
        return data.decode(errors="strict" if fatal else "replace")
    except UnicodeDecodeError:
        return None
