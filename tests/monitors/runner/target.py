"""A real HTTP server on a free port that responds from the request alone and records every request.

Any path echoes the request as JSON. The first known word in a path chooses another response:

    /status/<code>           that status
    /delay/<ms>              waits before it echoes
    /redirect/<n>            302 to /redirect/<n-1>; /redirect/0 echoes
    /redirect-to?url=…&status=…
    /cookies/set?<k>=<v>     302 to /cookies with Set-Cookie
    /cookies                 the cookies that came
    /basic-auth              401 until postman:password comes
    /digest-auth             401 with a challenge until any answer comes
    /flaky/<n>               503 for the first n requests to that path, then echoes
    /gzip, /deflate          a compressed echo
    /bytes/<n>               n bytes of a fixed pattern
    /text, /html, /xml, /latin1, /no-content
    /headers                 the same response header twice, odd status text
    /close                   closes the connection without an answer
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"
DOCUMENTS = {
    "text": (b"hello world", "text/plain"),
    "html": (b"<html><head><title>T</title></head><body><h1>Hello</h1></body></html>", "text/html"),
    "xml": (b"<?xml version='1.0'?><note id='3'><to>you</to></note>", "application/xml"),
    "latin1": ("größe".encode("latin-1"), "text/plain; charset=iso-8859-1"),
}
WORDS = {
    *DOCUMENTS,
    *("status", "delay", "redirect", "redirect-to", "cookies", "basic-auth", "digest-auth", "flaky"),
    *("gzip", "deflate", "bytes", "no-content", "headers", "close"),
}


@dataclass(frozen=True)
class Seen:
    """One request as it was received."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Target:
    """The server; `seen` holds every request in the order of arrival. Used with `with`."""

    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Target:
        handler = type("RecordingHandler", (Handler,), {"target": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [seen.target for seen in self.seen]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # Otherwise a body waits 40 ms for the client to acknowledge the head.
    server_version = "target"
    sys_version = ""
    target: Target

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Thu, 01 Jan 2026 00:00:00 GMT"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # Any method, even an unknown one.
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        seen = Seen(self.command, self.path, list(self.headers.items()), self.read_body())
        self.target.seen.append(seen)
        parts = urlsplit(self.path)
        segments = [segment for segment in parts.path.split("/") if segment]
        index = next((i for i, segment in enumerate(segments) if segment in WORDS), None)
        word, rest = (segments[index], segments[index + 1 :]) if index is not None else ("", [])
        try:
            self.route(word, rest, dict(parse_qsl(parts.query, keep_blank_values=True)), echo(seen))
        except BrokenPipeError:  # The client has stopped waiting.
            self.close_connection = True

    def read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def route(self, word: str, rest: list[str], query: dict[str, str], body: bytes) -> None:
        if word == "delay":
            time.sleep(int(rest[0]) / 1000)
            self.send(200, body)
        elif word == "status":
            self.send(int(rest[0]), body)
        elif word == "redirect" and int(rest[0]) > 0:
            self.send(302, b"", headers=[("Location", f"/redirect/{int(rest[0]) - 1}")])
        elif word == "redirect-to":
            self.send(int(query.get("status", 302)), b"", headers=[("Location", query["url"])])
        elif word == "cookies" and rest[:1] == ["set"]:
            cookies = [("Set-Cookie", f"{name}={value}; Path=/") for name, value in query.items()]
            self.send(302, b"", headers=[*cookies, ("Location", "/cookies")])
        elif word == "cookies":
            pairs = [pair.strip().split("=", 1) for pair in self.headers.get("Cookie", "").split(";") if pair]
            self.send(200, json.dumps({"cookies": dict(pairs)}).encode())
        elif word == "basic-auth":
            self.send(200 if self.headers.get("Authorization") == basic("postman:password") else 401, body)
        elif word == "digest-auth":
            answered = self.headers.get("Authorization", "").startswith("Digest ")
            challenge = ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')
            self.send(200 if answered else 401, b"", headers=[challenge])
        elif word == "flaky":
            before = sum(seen.target == self.path for seen in self.target.seen)
            self.send(503 if before <= int(rest[0]) else 200, body)
        elif word == "gzip":
            self.send(200, gzip.compress(body, mtime=0), headers=[("Content-Encoding", "gzip")])
        elif word == "deflate":
            self.send(200, zlib.compress(body), headers=[("Content-Encoding", "deflate")])
        elif word == "bytes":
            self.send(200, (b"0123456789abcdef" * (int(rest[0]) // 16 + 1))[: int(rest[0])], "image/png")
        elif word == "no-content":
            self.send(204, b"")
        elif word == "headers":
            self.send(200, body, headers=[("X-Twice", "one"), ("X-Twice", "two")], reason="Very Well")
        elif word == "close":
            self.close_connection = True
        elif word in DOCUMENTS:
            self.send(200, *DOCUMENTS[word])
        else:
            self.send(200, body)

    def send(
        self,
        status: int,
        body: bytes,
        kind: str = JSON,
        headers: list[tuple[str, str]] | None = None,
        reason: str | None = None,
    ) -> None:
        self.send_response(status, reason)
        for name, value in headers or []:
            self.send_header(name, value)
        has_body = status not in (204, 304)
        if has_body:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(body)


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def echo(seen: Seen) -> bytes:
    """The request as JSON, without the parts that differ from run to run."""
    volatile = {"postman-token", "user-agent", "host", "connection", "cache-control"}
    parts = urlsplit(seen.target)
    text = seen.body.decode("utf-8", "replace")
    headers = {name.lower(): value for name, value in seen.headers if name.lower() not in volatile}
    if "multipart" in headers.get("content-type", ""):  # Its boundary is random.
        headers["content-type"], text = "multipart/form-data", ""
    answer: dict[str, Any] = {
        "method": seen.method,
        "path": parts.path,
        "args": dict(parse_qsl(parts.query, keep_blank_values=True)),
        "headers": headers,
        "data": text,
        "json": None,
    }
    if "json" in headers.get("content-type", ""):
        try:
            answer["json"] = json.loads(text)
        except ValueError:
            answer["json"] = None
    return json.dumps(answer, sort_keys=True).encode()
