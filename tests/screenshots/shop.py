"""The workspace in the pictures: a shop whose order service has a read-only database."""

import random
from datetime import timedelta

from django.utils import timezone

from monitors.models import Collection, Environment, Monitor, Result, Run
from tests.factories import make_collection, make_environment, make_monitor, make_run, make_window
from tests.integrations.factories import fail, make_integration
from workspaces.models import User, Workspace

EMAIL = "ines@shop.example"
RUNS = 30
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
    _break(monitors["Place an order"], 7, "Create order: Status is 201: expected 500 to equal 201")
    _break(
        monitors["Refund a payment"], 2, "Refund: connect ETIMEDOUT refunds.shop.example:443", Result.ERROR
    )
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
        fail(monitor, result, summary=summary, minutes_ago=2 * runs_ago - 2, response_time_ms=80)


def let_run_again(workspace: Workspace) -> None:
    """The calm after the outages: every monitor that fails passes."""
    for monitor in Monitor.objects.for_workspace(workspace).failing():
        make_run(monitor, Result.SUCCESSFUL, response_time_ms=300)


def forget_runs_since(workspace: Workspace, minutes: int) -> None:
    """Moves what is stored into the past, as if no worker had run since."""
    span = timedelta(minutes=minutes)
    for run in Run.objects.for_workspace(workspace).filter(finished_at__isnull=False):
        assert run.finished_at
        Run.objects.filter(pk=run.pk).update(finished_at=run.finished_at - span)
    for monitor in Monitor.objects.for_workspace(workspace):
        now = timezone.now()
        monitor.region_statuses.update(since=now - span, late_at=now - span / 2)
