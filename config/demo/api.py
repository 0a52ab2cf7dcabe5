"""The API that the demo watches: a small shop that a button breaks. `python -m config.demo.api PORT`."""

import json
import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from string import Template
from typing import Any

API_KEY = "demo-shop-key"
PRODUCTS = [
    {"id": 1, "name": "Tea", "price": 4.2, "in_stock": 120},
    {"id": 2, "name": "Coffee", "price": 7.9, "in_stock": 64},
    {"id": 3, "name": "Cocoa", "price": 5.5, "in_stock": 31},
]
PAGE = Template((Path(__file__).parent / "page.html").read_text())


class Shop(ThreadingHTTPServer):
    daemon_threads = True
    broken = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), ShopHandler)
        self.orders: dict[int, dict[str, Any]] = {}
        self.order_ids = count(1001)


class ShopHandler(BaseHTTPRequestHandler):
    server: Shop
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/":
            self._send_page()
        elif self.path == "/products":
            self._answer(HTTPStatus.OK, PRODUCTS)
        elif order := self._order():
            self._answer(HTTPStatus.OK, order)
        else:
            self._answer_not_found()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path in ("/break", "/mend"):
            self.server.broken = self.path == "/break"
            self._send(HTTPStatus.SEE_OTHER, b"", {"Location": "/"})
        elif self.path == "/orders":
            self._create_order(body)
        else:
            self._answer_not_found()

    def do_DELETE(self) -> None:
        if order := self._order():
            del self.server.orders[order["id"]]
            self._answer(HTTPStatus.OK, {**order, "status": "cancelled"})
        else:
            self._answer_not_found()

    def _create_order(self, body: bytes) -> None:
        if self.headers.get("X-Api-Key") != API_KEY:
            return self._answer(HTTPStatus.UNAUTHORIZED, {"error": "Send the shop's key in X-Api-Key."})
        if self.server.broken:
            return self._answer(
                HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "The order database is read-only."}
            )
        try:
            order = {**json.loads(body), "id": next(self.server.order_ids), "status": "accepted"}
        except (ValueError, TypeError):
            return self._answer(HTTPStatus.BAD_REQUEST, {"error": "An order is a JSON object."})
        self.server.orders[order["id"]] = order
        return self._answer(HTTPStatus.CREATED, order)

    def _order(self) -> dict[str, Any] | None:
        number = self.path.removeprefix("/orders/")
        return self.server.orders.get(int(number)) if number.isdecimal() else None

    def _answer_not_found(self) -> None:
        self._answer(HTTPStatus.NOT_FOUND, {"error": f"There is nothing at {self.path}."})

    def _send_page(self) -> None:
        page = PAGE.substitute(
            state="broken" if self.server.broken else "working",
            action="mend" if self.server.broken else "break",
            button="Mend the API" if self.server.broken else "Break the API",
            site=os.environ.get("SITE_URL", ""),
            pagerduty=os.environ.get("PAGERDUTY_US_EVENTS_URL", ""),
        )
        self._send(HTTPStatus.OK, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _answer(self, status: HTTPStatus, body: object) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """A line for every request would bury the lines that say where to go."""


if __name__ == "__main__":
    Shop(int(sys.argv[1])).serve_forever()
