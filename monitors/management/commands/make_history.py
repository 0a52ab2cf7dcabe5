"""python manage.py make_history --monitors N --days D --every MINUTES"""

import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from monitors.history.making import History
from monitors.history.monitors import EVERY, make_monitors
from workspaces.models import Membership, Role, User, Workspace


class Command(BaseCommand):
    help = "Fills a workspace with monitors and a made-up history, to try Postwatch with much data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--monitors", type=int, required=True, metavar="N")
        parser.add_argument("--days", type=float, required=True, metavar="D")
        parser.add_argument("--every", type=int, default=5, choices=sorted(EVERY), metavar="MINUTES")
        parser.add_argument("--workspace", metavar="SLUG", help="By default, a new one that superusers own.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["monitors"] < 1 or options["days"] * 24 * 60 < options["every"]:
            raise CommandError("Give at least one monitor, and days enough for one run.")
        workspace = self.workspace(options["workspace"])
        started, now = time.monotonic(), timezone.now()
        every = timedelta(minutes=options["every"])
        until = now.replace(second=0, microsecond=0)
        monitors = make_monitors(workspace, options["monitors"], options["every"], now)
        history = History(monitors, until - timedelta(days=options["days"]), until, every)
        runs = history.make(self.progress)
        took = time.monotonic() - started
        self.stderr.write("")
        self.stdout.write(
            f"{workspace.slug}: {runs:,} runs of {options['monitors']:,} monitors in {took:.0f} s"
        )

    def workspace(self, slug: str | None) -> Workspace:
        if slug is not None:
            found = Workspace.objects.filter(slug=slug).first()
            if found is None:
                raise CommandError(f"There is no workspace “{slug}”.")
            return found
        workspace: Workspace = Workspace.objects.create(name="History", slug=Workspace.free_slug("History"))
        for user in User.objects.filter(is_superuser=True):
            Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
        return workspace

    def progress(self, done: int, total: int) -> None:
        if done == total or done % max(1, total // 100) == 0:
            self.stderr.write(f"\r{100 * done // total} %", ending="")
