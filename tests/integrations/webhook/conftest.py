"""A receiver on a port of its own."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from integrations.models import Integration
from monitors.models import Monitor

SECRET = "a signing secret of some length"  # noqa: S105


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets; answers with the statuses of `answers` first, then with 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/t0ken"

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.requests]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.requests.append((dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield receiver
        receiver.shutdown()


@pytest.fixture
def webhook(monitor: Monitor, receiver: Receiver) -> Integration:
    return make_webhook(monitor, receiver.url)


def make_webhook(monitor: Monitor, url: str, when: str = "every_run") -> Integration:
    integration: Integration = Integration.objects.create(
        workspace=monitor.workspace,
        monitor=monitor,
        provider="webhook",
        name="Results to the team's own page",
        config={"url": url, "secret": SECRET, "when": when},
    )
    return integration
