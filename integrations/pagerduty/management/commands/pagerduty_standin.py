"""`python manage.py pagerduty_standin --port N`: a PagerDuty of one's own, with a console page."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.pagerduty.standin import StandIn


class Command(BaseCommand):
    help = "Runs a stand-in for PagerDuty's Events API with a console page that shows what it received."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8010)
        parser.add_argument("--rate-limit", type=int, metavar="N", help="calls a minute for a routing key")
        parser.add_argument(
            "--journal", type=Path, metavar="FILE", help="keeps what it received over a restart"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        standin = StandIn(
            options["host"], options["port"], rate_limit=options["rate_limit"], journal=options["journal"]
        )
        try:
            standin.start()
        except OSError as error:
            raise CommandError(
                f"Port {options['port']} cannot be used: {error.strerror}. Choose another --port."
            )
        self.stdout.write(f"The PagerDuty stand-in is at {standin.url}")
        # Who started it through a pipe waits for this line.
        self.stdout.flush()
        stopped = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        stopped.wait()
        standin.stop()
