"""Measures every page and every list of the API over a long history, on PostgreSQL and on SQLite.

    make bench-pages
    make bench-pages ARGS="--only postgresql --monitors 1000 --runs 1000000 --keep"

For each it prints the median, the 95th percentile and the number of queries, all at the server. It fails when
one takes longer than the goal on PostgreSQL. The databases are made by `manage.py make_history` and dropped
at the end; with --keep they stay, and the next call measures them again.
"""

import argparse
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "var" / "bench-pages"
"""The SQLite database, and the static files that pages name."""
GOAL_MS = 100


def main() -> int:
    options = arguments()
    if options.database:
        os.environ |= environment(options.database)
        django.setup()
        # Models cannot be imported before the settings are read.
        return int(import_module("tests.bench.measured_pages").measure(options))
    kinds = [options.only] if options.only else ["postgresql", "sqlite"]
    return max(subprocess.run(command(options, kind), cwd=ROOT).returncode for kind in kinds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-pages", description="Measures pages and the API.")
    parser.add_argument("--only", choices=["postgresql", "sqlite"])
    parser.add_argument("--monitors", type=int, default=10_000)
    parser.add_argument(
        "--runs", type=int, help="10 million on PostgreSQL and 1 million on SQLite by default"
    )
    parser.add_argument("--every", type=int, default=5, help="minutes between two runs of a monitor")
    parser.add_argument("--rounds", type=int, default=20, help="how often each page is asked for")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next call")
    parser.add_argument("--url", default="postgres://postgres@127.0.0.1:5432/postwatch_bench")
    parser.add_argument("--database", help=argparse.SUPPRESS)
    return parser.parse_args()


def command(options: argparse.Namespace, kind: str) -> list[str]:
    """Measures one database in a process of its own, since settings are read once."""
    is_postgresql = kind == "postgresql"
    database = options.url if is_postgresql else f"sqlite:///{FOLDER / 'db.sqlite3'}"
    runs = options.runs or (10_000_000 if is_postgresql else 1_000_000)
    given = {"monitors": options.monitors, "runs": runs, "every": options.every, "rounds": options.rounds}
    numbers = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    keep = ["--keep"] if options.keep else []
    return [sys.executable, "-m", "tests.bench.pages", "--database", database, *numbers, *keep]


def environment(database: str) -> dict[str, str]:
    return {
        # As operators run it: with DEBUG, Django keeps every query in memory.
        "DEBUG": "false",
        "SECRET_KEY": "for-a-benchmark-only",
        "FIELD_ENCRYPTION_KEYS": "Zm9yLWRldmVsb3BtZW50LW9ubHktMDAwMDAwMDAwMDA=",
        "ALLOWED_HOSTS": "*",
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": "memory://",
        "CACHE_URL": "database",
        "REGIONS": "eu-west,us-east",
        "REGION": "eu-west",
        "EMAIL_URL": "memorymail://",
        "VAR_DIR": str(FOLDER),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


if __name__ == "__main__":
    sys.exit(main())
