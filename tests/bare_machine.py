"""Starts Postwatch as a stranger does: a fresh clone, `make setup`, and nothing else installed.

Needs PostgreSQL, Redis and RabbitMQ on their usual ports of this machine. With each broker, on SQLite and on
PostgreSQL, every process starts, one run goes through, and no log holds a traceback.
`python -m tests.bare_machine` clones the last commit into a temporary folder.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import kombu
import redis

from tests.processes.installation import ROOT, Api, Installation, new_database, settings_for, wait_for
from tests.processes.target import Target

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/15"
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
QUEUES = ("default", "runs.default")
BROKERS = {"files": "filesystem://", "Redis": REDIS, "RabbitMQ": RABBITMQ}
DATABASES = {"SQLite": "", "PostgreSQL": POSTGRES}

SIGNS_OF_TROUBLE = ("Traceback (most recent call last)", "Error:", "could not start", "is started again")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder, "postwatch")
        subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True)
        home = {"PATH": path_without_environments(), "HOME": folder} | package_index_settings()
        subprocess.run(["make", "setup"], cwd=checkout, env=home, check=True)
        # Each broker has one installation at a time, since their queues have the same names.
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda broker: problems_with(checkout, Path(folder), broker), BROKERS))
    problems = [problem for problems in found for problem in problems]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def problems_with(checkout: Path, folder: Path, broker: str) -> list[str]:
    return [
        f"{database} with {broker}: {problem}"
        for database in DATABASES
        for problem in problems_of(checkout, folder / f"{database}-{broker}", database, broker)
    ]


def path_without_environments() -> str:
    """PATH without the virtual environment that this very command may run in."""
    return os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if ".venv" not in part)


def package_index_settings() -> dict[str, str]:
    """How this machine reaches its package indexes, which is no part of the environment that is tried."""
    return {
        name: text for name, text in os.environ.items() if name.lower().startswith(("pip_", "npm_config_"))
    }


def problems_of(checkout: Path, folder: Path, database: str, broker: str) -> list[str]:
    """Runs one monitor once. Returns what went wrong, in the words of the log."""
    folder.mkdir()
    empty(BROKERS[broker])
    began = time.monotonic()
    with ExitStack() as stack:
        target = stack.enter_context(Target())
        database_url = stack.enter_context(new_database(folder, DATABASES[database]))
        installation = Installation(
            "config.processes",
            folder,
            settings_for(database_url, BROKERS[broker]),
            root=checkout,
            python=str(checkout / ".venv/bin/python"),
        )
        installation.environment["SITE_URL"] = installation.url
        try:
            run = see_one_run(installation, target)
        except AssertionError as problem:
            return [str(problem)]
        finally:
            empty(BROKERS[broker])
    lines = installation.log.read_text().splitlines()
    print(
        f"{database} with {broker}: run {run['result']}, {time.monotonic() - began:.0f} s, {len(lines)} lines"
    )
    wrong = [line for line in lines if any(sign in line for sign in SIGNS_OF_TROUBLE)]
    return wrong if run["result"] == "successful" else [f"the run's result is {run['result']}", *wrong]


def see_one_run(installation: Installation, target: Target) -> dict[str, Any]:
    """By the schedule and not by request, so that beat, dispatch and worker all take part."""
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("collectstatic", "--no-input", "--verbosity", "0")
    slug = installation.manage("create_workspace", "Acme", "--owner", "owner@acme.example")
    key = installation.manage("create_api_key", slug, "--name", "tests", "--role", "owner")
    installation.start()
    try:
        api = Api(installation.url, key)
        collection = api.post("/collections/", {"collection": target.collection})
        schedule = {"cron": "* * * * *", "timezone": "UTC"}
        monitor = api.post(
            "/monitors/", {"name": "Bare", "collection": collection["id"], "schedule": schedule}
        )
        finished: list[dict[str, Any]] = wait_for(
            "a scheduled run",
            lambda: [run for run in api.runs(monitor["id"]) if run["result"] and run["type"] == "scheduled"],
            90,
        )
        return finished[0]
    finally:
        left = installation.stop()
        assert not left, f"Processes were left over: {left}"


def empty(broker: str) -> None:
    """Other installations may have left messages there."""
    if broker.startswith("redis"):
        redis.Redis.from_url(broker).flushdb()
    elif broker.startswith("amqp"):
        with kombu.Connection(broker) as connection:
            for name in QUEUES:
                with suppress(*connection.channel_errors), connection.channel() as channel:  # none there yet
                    kombu.Queue(name, channel=channel).purge()


if __name__ == "__main__":
    sys.exit(main())
