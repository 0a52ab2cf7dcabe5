"""The workspace in the pictures: a shop whose order service has a read-only database."""

import json
import random
from datetime import timedelta

from django.utils import timezone

from integrations.models import Delivery, DeliveryStatus
from monitors.models import Collection, Environment, Exchange, Heartbeat, Monitor, RegionStatus, Result, Run
from monitors.models.heartbeats import SCHEDULE
from monitors.models.runs import queue_of
from monitors.runner.captures import KeptBody, KeptExchange, KeptMessage
from monitors.runner.report import Phases
from tests.factories import (
    make_collection,
    make_environment,
    make_monitor,
    make_request_result,
    make_run,
    make_window,
)
from tests.integrations.factories import make_integration, record
from workspaces.models import User, Workspace

EMAIL = "ines@shop.example"
RUNS = 30
AGE = timedelta(days=60)
MONITORS = {
    "checkout": {
        "Place an order": 640,
        "Apply a voucher": 310,
        "Shipping quote": 480,
        "Guest checkout": 700,
        "Cart totals": 160,
        "Order history": 350,
    },
    "payments": {"Refund a payment": 420, "Card payment": 560, "Wallet top-up": 400, "Payout report": 1250},
    "search": {
        "Search": 140,
        "Product page": 190,
        "Price feed": 300,
        "Stock levels": 250,
        "Image resize": 380,
    },
    "identity": {"Sign in": 220, "Sign up": 310, "Password reset": 260, "Token refresh": 75},
    "batch": {"Nightly invoices": 820, "Invoice PDF": 610, "Sitemap": 940},
}
"""The monitors by their tag, each with its usual response time."""

SENT = [
    ("Create cart", "POST", "carts", 142),
    ("Add item", "POST", "carts/8412/items", 186),
    ("Cart totals", "GET", "carts/8412", 97),
]
"""The requests before the one that fails."""

BLIPS = {
    ("Shipping quote", 6): Result.ERROR,
    ("Price feed", 11): Result.FAILURE,
    ("Payout report", 14): Result.ABORT,
    ("Order history", 21): Result.FAILURE,
}
"""Runs that failed for once: how many runs ago, and how."""

CONTENT = {
    "info": {
        "name": "Shop API",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    "item": [
        {
            "name": folder,
            "item": [
                {"name": name, "request": {"method": method, "url": f"{{{{baseUrl}}}}/{path}"}}
                for name, method, path in requests
            ],
        }
        for folder, requests in {
            "Cart": [
                ("Create cart", "POST", "carts"),
                ("Add item", "POST", "carts/:cart/items"),
                ("Cart totals", "GET", "carts/:cart"),
            ],
            "Orders": [
                ("Create order", "POST", "orders"),
                ("Order", "GET", "orders/:order"),
                ("Cancel order", "DELETE", "orders/:order"),
            ],
        }.items()
    ],
}


def fill() -> Workspace:
    """Makes the person, the workspace, its monitors with their last runs, two outages and who is notified."""
    random.seed(8412)
    owner = User.objects.create_user(EMAIL)
    workspace = Workspace.create_with_owner("Shop", owner)
    collection = make_collection(workspace, "Shop API", CONTENT)
    environment = make_environment(
        workspace, "Production", baseUrl="https://api.shop.example", currency="EUR"
    )
    monitors = {
        name: _monitor(workspace, name, tag, collection, environment, usual_ms)
        for tag, named in MONITORS.items()
        for name, usual_ms in named.items()
    }
    monitors["Invoice PDF"].pause()
    make_window(workspace, monitors["Image resize"], name="Move of the image store", minutes_ago=20)
    _notify(workspace)
    Monitor.objects.update(created_at=timezone.now() - AGE)
    RegionStatus.objects.update(added_at=timezone.now() - AGE)
    _break(monitors["Place an order"], 7, "Create order: Status is 201: expected 500 to equal 201")
    _break(
        monitors["Refund a payment"], 2, "Refund: connect ETIMEDOUT refunds.shop.example:443", Result.ERROR
    )
    Delivery.objects.update(status=DeliveryStatus.ACCEPTED, attempts=1, finished_at=timezone.now())
    for part in (SCHEDULE, queue_of("default")):
        Heartbeat.record(part, timezone.now())
    return workspace


def _monitor(
    workspace: Workspace,
    name: str,
    tag: str,
    collection: Collection,
    environment: Environment,
    usual_ms: int,
) -> Monitor:
    monitor = make_monitor(
        workspace, name, tags=[tag], collection=collection, environment=environment, cron="*/2 * * * *"
    )
    for runs_ago in range(RUNS, 0, -1):
        result = BLIPS.get((name, runs_ago), Result.SUCCESSFUL)
        time = round(usual_ms * random.uniform(0.8, 1.2) * (2 if random.random() < 0.06 else 1))
        make_run(monitor, result, 16 + 2 * runs_ago, response_time_ms=time)
    return monitor


def _notify(workspace: Workspace) -> None:
    make_integration(workspace, name="Payments on-call", open_after=2)
    make_integration(
        workspace,
        name="Team mail",
        provider="email",
        config={"recipients": ["team@shop.example"], "stop_after": 3, "summaries": []},
    )


def _break(monitor: Monitor, runs: int, summary: str, result: str = Result.FAILURE) -> None:
    for runs_ago in range(runs, 0, -1):
        fields = {"summary": summary, "failed_tests": 1, "passed_tests": 6, "request_count": 4}
        run = make_run(monitor, result, 2 * runs_ago - 2, response_time_ms=210, **fields)
        _add_requests(run, summary)
        record(run)


def _add_requests(run: Run, summary: str) -> None:
    """Three requests that pass, and one that fails, with what was sent and received."""
    start = 0
    for name, method, path, time in SENT:
        timing = {"start_ms": start, "elapsed_ms": time, "response_time_ms": time}
        phases = Phases(dns=2, connect=11, tls=24, send=1, wait=time - 42, download=4)
        url = f"https://api.shop.example/{path}"
        make_request_result(run, name, folder="Cart", method=method, url=url, phases=phases, **timing)
        start += time + 9
    timing = {"start_ms": start, "elapsed_ms": 388, "response_time_ms": 388}
    failed = make_request_result(
        run,
        summary.split(":")[0],
        folder="Orders",
        method="POST",
        url="https://api.shop.example/orders",
        status_code=500,
        status_text="Internal Server Error",
        phases=Phases(dns=None, connect=None, tls=None, send=2, wait=381, download=5),
        assertions=[
            {"name": "Status is 201", "passed": False, "error": "expected 500 to equal 201"},
            {"name": "Answers within a second", "passed": True},
        ],
        **timing,
    )
    kept = KeptExchange(failed.position, "POST", failed.url, KeptMessage(), _answer())
    Exchange.of(run, failed.position, kept, False).save()


def _answer() -> KeptMessage:
    text = json.dumps({"error": "The order database is read-only.", "code": "db_read_only", "retry": False})
    headers = [("Content-Type", "application/json"), ("X-Request-Id", "4f1c9c0e"), ("Server", "shop/14.2")]
    return KeptMessage(headers, KeptBody(text, "application/json", len(text)))
