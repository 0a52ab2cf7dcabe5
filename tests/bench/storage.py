"""Measures what storing a run costs on PostgreSQL: bytes with all indexes, statements, and time.

    python -m tests.bench.storage [--runs 4000] [--url postgres://postgres@127.0.0.1:5432/]

It makes a database of its own and drops it at the end. Runs go the way of the scheduler and the worker,
without sending requests: each has five, with two tests each, and all pass.
"""

import argparse
import os
from importlib import import_module

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--url", default="postgres://postgres@127.0.0.1:5432/postgres")
    arguments = parser.parse_args()
    os.environ |= {
        "DEBUG": "true",
        "DATABASE_URL": arguments.url,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "CELERY_BROKER_URL": "memory://",
    }
    django.setup()
    # Models cannot be imported before the settings are read.
    import_module("tests.bench.stored_runs").measure(arguments.runs)


if __name__ == "__main__":
    main()
