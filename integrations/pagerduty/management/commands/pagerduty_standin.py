"""`python manage.py pagerduty_standin --port N`: a local PagerDuty with a console page."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event

from django.core.management.base import BaseCommand, CommandError

from integrations.pagerduty.standin import StandIn


class Command(BaseCommand):
    help = "Runs a stand-in for PagerDuty's Events API. Its console page shows what it received."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8010)
        parser.add_argument(
            "--rate-limit", type=int, metavar="N", help="allowed calls a minute for each routing key"
        )
        parser.add_argument(
            "--journal",
            type=Path,
            metavar="FILE",
            help="restores incidents and events from this file after a restart",
        )

    def handle(
        self,
        *args: object,
        host: str,
        port: int,
        rate_limit: int | None,
        journal: Path | None,
        **options: object,
    ) -> None:
        standin = StandIn(host, port, rate_limit=rate_limit, journal=journal)
        try:
            standin.start()
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used: {error.strerror}. Choose another port with --port."
            )
        self.stdout.write(f"The PagerDuty stand-in is at {standin.url}")
        # A program that started it through a pipe waits for this line.
        self.stdout.flush()
        stopped = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()
        standin.stop()
