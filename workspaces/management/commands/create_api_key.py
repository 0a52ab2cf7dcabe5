"""python manage.py create_api_key SLUG --name NAME --role owner|editor|viewer"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workspaces.models import ApiKey, Role, Workspace


class Command(BaseCommand):
    help = "Creates an API key of a workspace and prints it, alone, on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["slug"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace “{options['slug']}”.")
        _, text = ApiKey.issue(workspace, options["name"], Role(options["role"]))
        self.stdout.write(text)
