"""The API that the process tests watch."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Target(ThreadingHTTPServer):
    """Answers every request with `status`, as soon as the gate is open."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()
        self.arrivals = threading.Semaphore(0)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *args: Any) -> None:
        self.gate.set()
        self.shutdown()
        self.server_close()

    @property
    def collection(self) -> dict[str, Any]:
        return {
            "info": {
                "name": "Target",
                "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
            },
            "item": [
                {
                    "name": "Ask",
                    "request": {"method": "GET", "url": f"{self.url}/"},
                    "event": [
                        {
                            "listen": "test",
                            "script": {"exec": ["pm.test('is fine', () => pm.response.to.have.status(200))"]},
                        }
                    ],
                }
            ],
        }

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that is killed while it waits closes its connection: that is the test, not an error."""


class _Handler(BaseHTTPRequestHandler):
    server: Target

    def do_GET(self) -> None:
        self.server.arrivals.release()
        self.server.gate.wait(60)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""
