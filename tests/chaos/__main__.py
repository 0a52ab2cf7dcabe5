"""Everything breaks at once, and PagerDuty must still hold what is true.

    make chaos

Starts Postwatch's own processes, with a PostgreSQL, a Redis and a PagerDuty stand-in for them alone, and
prints what came of each scenario. The exit status is 0 when every figure is as it has to be.
"""

import argparse
import os
import secrets
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
from cryptography.fernet import Fernet

from tests.chaos.house import PagerDuty
from tests.chaos.services import Postgres, Redis, postgres_programs


def main() -> int:
    options = argparse.ArgumentParser(
        prog="make chaos", description="Breaks everything and counts incidents."
    )
    options.add_argument(
        "--monitors", type=int, default=200, help="how many fail and recover; 0 to time events alone"
    )
    options.add_argument("--seconds", type=float, default=180, help="how long things break")
    options.add_argument(
        "--calm-seconds", type=float, default=40, help="how long two schedulers share the work"
    )
    options.add_argument(
        "--failures",
        type=int,
        default=1000,
        help="failing runs, 50 a second, whose events are timed; 0 for none",
    )
    options.add_argument(
        "--within", type=float, default=1, help="seconds that 99 of 100 of these events may take"
    )
    args = options.parse_args()
    programs = postgres_programs()
    if programs is None:
        raise SystemExit("There is no PostgreSQL on this machine: install its server (Debian: postgresql).")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # and stop what was started
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(Postgres(folder, programs))
        redis = stack.enter_context(Redis(folder))
        os.environ |= environment(postgres.url, redis.url, folder)
        pagerduty = PagerDuty(folder, dict(os.environ))
        stack.callback(pagerduty.process.kill)
        os.environ["PAGERDUTY_US_EVENTS_URL"] = pagerduty.url
        django.setup()
        # It imports models, which need the settings, which are read from this environment.
        from tests.chaos.scenarios import play

        return play(args, folder, pagerduty, postgres, redis)


def environment(database: str, broker: str, folder: Path) -> dict[str, str]:
    return {
        # As operators run it: with DEBUG, Django keeps every query in memory.
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_hex(32),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "localhost",
        "EMAIL_URL": "consolemail://",
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": broker,
        "EGRESS_ALLOW": "127.0.0.0/8",
        "SITE_URL": "http://localhost",
        "REGION": "default",
        "REGIONS": "default",
        "VAR_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


if __name__ == "__main__":
    sys.exit(main())
