"""The HTTP side of the stand-in: the Events API, its console page, and JSON for tests."""

import json
import re
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from integrations.pagerduty.standin.account import Account, Answer, now
from integrations.pagerduty.standin.faults import Fault, Faults
from integrations.pagerduty.standin.rules import MAX_EVENT_BYTES, Json, alert_errors, change_errors

PAGES = Path(__file__).parent / "console"
CONSOLE = {
    "/": ("console.html", "text/html; charset=utf-8"),
    "/console.css": ("console.css", "text/css; charset=utf-8"),
    "/console.js": ("console.js", "text/javascript; charset=utf-8"),
}
EVENT_PATHS: dict[str, Callable[[Json], list[str]]] = {
    "/v2/enqueue": alert_errors,
    "/v2/change/enqueue": change_errors,
}


class StandIn:
    """PagerDuty on a port of this machine, as a context manager or by `start` and `stop`.

    Incidents and events survive `stop`, so that an outage of PagerDuty can be played: `stop()`, then
    `start()` takes the same port again. `rate_limit` is calls a minute for a routing key (PagerDuty's own is
    about 120); None is none.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        rate_limit: int | None = None,
        journal: Path | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.rate_limit = rate_limit
        self.account = Account(journal)
        self.faults = Faults()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def events(self) -> list[Json]:
        with self.account.lock:
            return [asdict(event) for event in self.account.events]

    @property
    def incidents(self) -> list[Json]:
        with self.account.lock:
            return [incident.as_json() for incident in self.account.incidents]

    @property
    def open_incidents(self) -> list[Json]:
        return [incident for incident in self.incidents if incident["status"] != "resolved"]

    def forget(self) -> None:
        self.account.forget()
        self.faults.clear()

    def start(self) -> Self:
        self._server = _Server((self.host, self.port), self)
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def receive(self, path: str, raw: bytes) -> tuple[Answer, float]:
        """The answer to one event and the seconds to wait before giving it."""
        body = _parse(raw)
        fault = self.faults.take() or Fault()
        if fault.drop is True:
            answer = Answer(None, {})
            self.account.record(path, body, answer)
        elif fault.status is not None and fault.status >= 300:
            answer = _fault_answer(fault)
            self.account.record(path, body, answer)
        else:
            answer = self._judge(path, raw, body)
            self.account.record(path, body, answer, accepted=answer.status == 202)
            if fault.drop == "after":
                answer = Answer(None, {})
        return answer, fault.delay_ms / 1000

    def _judge(self, path: str, raw: bytes, body: object) -> Answer:
        if not isinstance(body, dict):
            return _refusal(
                "Unrecognized object", "Event object format is unrecognized", ["JSON parse error"]
            )
        key = str(body.get("routing_key"))
        if self.rate_limit and self.account.is_over_limit(key, self.rate_limit, time.monotonic()):
            return _fault_answer(Fault(status=429))
        errors = EVENT_PATHS[path](body)
        if len(raw) > MAX_EVENT_BYTES:
            errors.append("Event is too large (maximum is 512 KB)")
        if errors:
            return _refusal("invalid event", "Event object is invalid", errors)
        accepted = {"status": "success", "message": "Event processed"}
        if path == "/v2/enqueue":
            accepted["dedup_key"] = body.get("dedup_key") or uuid.uuid4().hex
        return Answer(202, accepted)


def _refusal(status: str, message: str, errors: list[str]) -> Answer:
    return Answer(400, {"status": status, "message": message, "errors": errors})


def _fault_answer(fault: Fault) -> Answer:
    assert fault.status is not None
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.status == 400:
        return _refusal("invalid event", "Event object is invalid", list(fault.errors))
    if fault.status == 429:
        message = "Requests for this service are arriving too quickly. Retry later."
        return Answer(429, {"status": "throttle exceeded", "message": message}, headers)
    message = "An error occurred while processing the event."
    return Answer(fault.status, {"status": "error", "message": message}, headers)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


class _Server(ThreadingHTTPServer):
    """Knows its open connections, since a server that is down leaves none of them open."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], standin: StandIn) -> None:
        self.standin = standin
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            self._close(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""

    @staticmethod
    def _close(connection: socket.socket) -> None:
        # The other side may have been faster.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "PagerDutyStandIn"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        wanted = parse_qs(address.query).get("last", ["0"])[0]
        last = int(wanted) if wanted.isdecimal() else 0
        standin = self.server.standin
        if address.path == "/incidents.json":
            self._send_json(200, standin.incidents[-last:])
        elif address.path == "/events.json":
            self._send_json(200, standin.events[-last:])
        elif address.path in CONSOLE:
            file, content_type = CONSOLE[address.path]
            self._send(200, (PAGES / file).read_bytes(), content_type)
        else:
            self._not_found()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        by_hand = re.fullmatch(r"/incidents/(\d+)/(acknowledged|resolved)", self.path)
        if self.path in EVENT_PATHS:
            self._answer(*self.server.standin.receive(self.path, raw))
        elif self.path == "/faults":
            self._add_faults(_parse(raw))
        elif by_hand and self.server.standin.account.set_status(int(by_hand[1]), by_hand[2]):
            self._send_json(200, {"status": by_hand[2], "at": now()})
        else:
            self._not_found()

    def do_DELETE(self) -> None:
        if self.path != "/":
            return self._not_found()
        self.server.standin.forget()
        return self._send(204, b"", "application/json")

    def log_message(self, format: str, *args: object) -> None:
        """The console page is the log; a line a poll would bury the rest of the terminal."""

    def _add_faults(self, faults: Any) -> None:
        try:
            self.server.standin.faults.add(faults if isinstance(faults, list) else [faults])
        except ValueError as error:
            self._send_json(400, {"error": str(error)})
        else:
            self._send_json(201, {"waiting": len(self.server.standin.faults)})

    def _answer(self, answer: Answer, delay: float) -> None:
        time.sleep(delay)
        if answer.status is None:
            self.close_connection = True
        else:
            self._send_json(answer.status, answer.body, answer.headers)

    def _not_found(self) -> None:
        self._send_json(404, {"error": "There is nothing at this address."})

    def _send_json(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
