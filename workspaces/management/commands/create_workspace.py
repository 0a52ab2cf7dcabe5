"""python manage.py create_workspace NAME --owner EMAIL"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from workspaces.models import User, Workspace


class Command(BaseCommand):
    help = "Creates a workspace with its owner and prints its slug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        email = options["owner"].lower()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"“{email}” is not an e-mail address.")
        owner = User.objects.filter(email=email).first()
        if owner is None:
            owner = User.objects.create_user(email)
            self.stderr.write(f"Created {email}; set a password with 'manage.py changepassword {email}'.")
        elif not owner.has_verified_email():
            raise CommandError(
                f"Whoever has the account {email} has not confirmed that this is their address. Count it as "
                "confirmed in the admin, under Users, if you know them."
            )
        workspace = Workspace.create_with_owner(options["name"], owner)
        self.stdout.write(workspace.slug)
