"""`python -m config.demo.api PORT`: the API that the demo monitors, a small shop that a button breaks."""

import json
import os
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from string import Template

API_KEY = "demo-shop-key"
PRODUCTS = [
    {"id": 1, "name": "Tea", "price": 4.2, "in_stock": 120},
    {"id": 2, "name": "Coffee", "price": 7.9, "in_stock": 64},
    {"id": 3, "name": "Cocoa", "price": 5.5, "in_stock": 31},
]
Order = dict[str, object]
PAGE = Template((Path(__file__).parent / "page.html").read_text())


class Shop(ThreadingHTTPServer):
    daemon_threads = True
    broken = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), ShopHandler)
        self.orders: dict[int, Order] = {}
        self.order_ids = count(1001)


class ShopHandler(BaseHTTPRequestHandler):
    server: Shop
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/":
            self._send_page()
        elif self.path == "/products":
            self._send_json(HTTPStatus.OK, PRODUCTS)
        elif order := self._order():
            self._send_json(HTTPStatus.OK, order)
        else:
            self._send_not_found()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path in ("/break", "/fix"):
            self.server.broken = self.path == "/break"
            self._send(HTTPStatus.SEE_OTHER, b"", {"Location": "/"})
        elif self.path == "/orders":
            self._create_order(body)
        else:
            self._send_not_found()

    def do_DELETE(self) -> None:
        if order := self._order():
            del self.server.orders[self._order_id()]
            self._send_json(HTTPStatus.OK, {**order, "status": "cancelled"})
        else:
            self._send_not_found()

    def _create_order(self, body: bytes) -> None:
        if self.headers.get("X-Api-Key") != API_KEY:
            return self._send_json(
                HTTPStatus.UNAUTHORIZED, {"error": "Send the shop's API key in X-Api-Key."}
            )
        if self.server.broken:
            return self._send_json(
                HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "The order database is read-only."}
            )
        try:
            content = {**json.loads(body)}
        except (ValueError, TypeError):
            return self._send_json(HTTPStatus.BAD_REQUEST, {"error": "An order must be a JSON object."})
        number = next(self.server.order_ids)
        order = self.server.orders[number] = content | {"id": number, "status": "accepted"}
        return self._send_json(HTTPStatus.CREATED, order)

    def _order(self) -> Order | None:
        return self.server.orders.get(self._order_id())

    def _order_id(self) -> int:
        number = self.path.removeprefix("/orders/")
        return int(number) if number.isdecimal() else 0

    def _send_not_found(self) -> None:
        self._send_json(HTTPStatus.NOT_FOUND, {"error": f"There is nothing at {self.path}."})

    def _send_page(self) -> None:
        page = PAGE.substitute(
            state="broken" if self.server.broken else "working",
            action="fix" if self.server.broken else "break",
            button="Fix the API" if self.server.broken else "Break the API",
            site=os.environ.get("SITE_URL", ""),
            pagerduty=os.environ.get("PAGERDUTY_US_EVENTS_URL", ""),
        )
        self._send(HTTPStatus.OK, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _send_json(self, status: HTTPStatus, body: object) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing, so that the welcome text stays visible."""


if __name__ == "__main__":
    Shop(int(sys.argv[1])).serve_forever()
