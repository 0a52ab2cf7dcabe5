"""`manage.py run_collection`: runs a collection from a file, like Newman."""

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitors.runner import (
    RunnerError,
    RunOptions,
    RunReport,
    load_collection,
    load_variables,
    run_collection,
)
from monitors.runner.http import EgressPolicy
from monitors.runner.printing import Printer, report_json
from monitors.runner.sandbox import Zygote


def milliseconds(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is not a number of milliseconds")
    return int(text)


def directory(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ArgumentTypeError(f"there is no directory {text}")
    return path


class Command(BaseCommand):
    help = (
        "Run a Postman collection from a file and print a report. Exits with 0 when the run was successful, "
        "with 1 when it was not, and with 2 when a file cannot be used. Needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", metavar="FILE", help="a collection of schema 2.0 or 2.1")
        parser.add_argument("--environment", metavar="FILE", help="an exported environment")
        parser.add_argument("--globals", metavar="FILE", help="exported globals")
        parser.add_argument("--report", choices=["cli", "json"], default="cli", help="for people, or JSON")
        parser.add_argument("--timeout-request", metavar="MS", type=milliseconds, help="for each request")
        parser.add_argument(
            "--delay-request", metavar="MS", type=milliseconds, default=0, help="before each request"
        )
        parser.add_argument("--insecure", action="store_true", help="accept any TLS certificate")
        parser.add_argument("--no-redirects", action="store_true", help="do not follow redirects")
        parser.add_argument(
            "--working-dir",
            metavar="DIR",
            type=directory,
            help="where files to upload are; without it none is sent",
        )

    def handle(self, **given: Any) -> None:
        try:
            report = self.run(given)
        except RunnerError as problem:
            raise CommandError(str(problem), returncode=2)
        if report.result != "successful":
            sys.exit(1)

    def run(self, given: dict[str, Any]) -> RunReport:
        collection = load_collection(Path(given["collection"]))
        environment = load_variables(Path(given["environment"])) if given["environment"] else None
        globals_ = load_variables(Path(given["globals"]), "globals") if given["globals"] else None
        for_people = given["report"] == "cli"
        printer = Printer(self.stdout, color=self.stdout.isatty() and not given["no_color"])
        if for_people:
            printer.title(collection.name)
        with Zygote(time_zone=os.environ.get("TZ", "")) as zygote:
            report = run_collection(
                collection,
                environment=environment,
                globals=globals_,
                options=RunOptions(
                    request_timeout_ms=given["timeout_request"] or None,
                    delay_ms=given["delay_request"],
                    follow_redirects=not given["no_redirects"],
                    verify_tls=not given["insecure"],
                    files=given["working_dir"],
                ),
                # The person who runs this has access to the same networks anyway.
                egress=EgressPolicy(allow_all=True),
                progress=printer.progress if for_people else None,
                zygote=zygote,
            )
        if for_people:
            printer.summary(report)
        else:
            self.stdout.write(json.dumps(report_json(report), indent=2))
        return report
