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

from integrations.pagerduty.standin.account import Account, Response, now
from integrations.pagerduty.standin.faults import Fault, Faults
from integrations.pagerduty.standin.rules import MAX_EVENT_BYTES, JsonObject, alert_errors, change_errors

PAGES = Path(__file__).parent / "console"
CONSOLE = {
    "/": ("console.html", "text/html; charset=utf-8"),
    "/console.css": ("console.css", "text/css; charset=utf-8"),
    "/console.js": ("console.js", "text/javascript; charset=utf-8"),
}
EVENT_PATHS: dict[str, Callable[[JsonObject], list[str]]] = {
    "/v2/enqueue": alert_errors,
    "/v2/change/enqueue": change_errors,
}


class StandIn:
    """PagerDuty on a port of this machine, as a context manager or by `start` and `stop`.

    Incidents and events survive `stop`, which simulates an outage of PagerDuty: `start` uses the same port
    again. `rate_limit` is the number of calls a minute for a routing key (PagerDuty's own is about 120); None
    is no limit.
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
    def events(self) -> list[JsonObject]:
        with self.account.lock:
            return [asdict(event) for event in self.account.events]

    @property
    def incidents(self) -> list[JsonObject]:
        with self.account.lock:
            return [incident.as_json() for incident in self.account.incidents]

    @property
    def open_incidents(self) -> list[JsonObject]:
        return [incident for incident in self.incidents if incident["status"] != "resolved"]

    def clear(self) -> None:
        """Deletes all events, incidents and faults."""
        self.account.clear()
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

    def receive(self, path: str, raw: bytes) -> tuple[Response, float]:
        """Processes one event. Returns the response and the seconds to wait before sending it."""
        body = _parse(raw)
        fault = self.faults.take() or Fault()
        if fault.drop is True:
            response = Response(None, {})
            self.account.record(path, body, response)
        elif fault.status is not None and fault.status >= 300:
            response = _fault_response(fault)
            self.account.record(path, body, response)
        else:
            response = self._process(path, raw, body)
            self.account.record(path, body, response, accepted=response.status == 202)
            if fault.drop == "after":
                response = Response(None, {})
        return response, fault.delay_ms / 1000

    def _process(self, path: str, raw: bytes, body: object) -> Response:
        if not isinstance(body, dict):
            return _rejection(
                "Unrecognized object", "Event object format is unrecognized", ["JSON parse error"]
            )
        key = str(body.get("routing_key"))
        if self.rate_limit and self.account.is_over_limit(key, self.rate_limit, time.monotonic()):
            return _fault_response(Fault(status=429))
        errors = EVENT_PATHS[path](body)
        if len(raw) > MAX_EVENT_BYTES:
            errors.append("Event is too large (maximum is 512 KB)")
        if errors:
            return _rejection("invalid event", "Event object is invalid", errors)
        accepted = {"status": "success", "message": "Event processed"}
        if path == "/v2/enqueue":
            accepted["dedup_key"] = body.get("dedup_key") or uuid.uuid4().hex
        return Response(202, accepted)


def _rejection(status: str, message: str, errors: list[str]) -> Response:
    return Response(400, {"status": status, "message": message, "errors": errors})


def _fault_response(fault: Fault) -> Response:
    assert fault.status is not None
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.status == 400:
        return _rejection("invalid event", "Event object is invalid", list(fault.errors))
    if fault.status == 429:
        message = "Requests for this service are arriving too quickly. Retry later."
        return Response(429, {"status": "throttle exceeded", "message": message}, headers)
    message = "An error occurred while processing the event."
    return Response(fault.status, {"status": "error", "message": message}, headers)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


class _Server(ThreadingHTTPServer):
    """Closes its connections when it stops, as a server that goes down does."""

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

    def handle_error(self, request: object, client_address: object) -> None:
        """Prints nothing if a caller has closed the connection."""

    @staticmethod
    def _close(connection: socket.socket) -> None:
        # The caller may have closed it first.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "PagerDutyStandIn"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        limit = parse_qs(url.query).get("last", ["0"])[0]
        last = int(limit) if limit.isdecimal() else 0
        standin = self.server.standin
        if url.path == "/incidents.json":
            self._send_json(200, standin.incidents[-last:])
        elif url.path == "/events.json":
            self._send_json(200, standin.events[-last:])
        elif url.path in CONSOLE:
            file, content_type = CONSOLE[url.path]
            self._send(200, (PAGES / file).read_bytes(), content_type)
        else:
            self._not_found()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        manual = re.fullmatch(r"/incidents/(\d+)/(acknowledged|resolved)", self.path)
        if self.path in EVENT_PATHS:
            self._respond(*self.server.standin.receive(self.path, raw))
        elif self.path == "/faults":
            self._add_faults(_parse(raw))
        elif manual and self.server.standin.account.set_status(int(manual[1]), manual[2]):
            self._send_json(200, {"status": manual[2], "at": now()})
        else:
            self._not_found()

    def do_DELETE(self) -> None:
        if self.path != "/":
            return self._not_found()
        self.server.standin.clear()
        return self._send(204, b"", "application/json")

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing: the console page polls every second, and shows what was received."""

    def _add_faults(self, faults: object) -> None:
        try:
            self.server.standin.faults.add(faults if isinstance(faults, list) else [faults])
        except ValueError as error:
            self._send_json(400, {"error": str(error)})
        else:
            self._send_json(201, {"waiting": len(self.server.standin.faults)})

    def _respond(self, response: Response, delay: float) -> None:
        time.sleep(delay)
        if response.status is None:
            self.close_connection = True
        else:
            self._send_json(response.status, response.body, response.headers)

    def _not_found(self) -> None:
        self._send_json(404, {"error": "There is nothing at this URL."})

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
