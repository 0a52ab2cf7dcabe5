"""Encrypts every stored secret again, so that an old key can go."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from workspaces.fields import (
    Ciphertext,
    SecretUnreadable,
    decrypt,
    encrypt,
    encrypted_fields,
    is_current,
)

BATCH = 100
"""Rows that are read at once; a collection may have megabytes."""


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret again with the first key of FIELD_ENCRYPTION_KEYS. "
        "May be interrupted and run again, while Postwatch is at work."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = []
        stored = [(model, field) for model in apps.get_models() for field in encrypted_fields(model)]
        for model, field in stored:
            changed, failed = rotate(model, field.attname)
            self.stdout.write(f"{model.__name__}.{field.name}: {changed} encrypted with the first key")
            if failed:
                unreadable.append(f"{model.__name__}.{field.name} in {failed} rows")
        if unreadable:
            raise CommandError(
                f"No key of FIELD_ENCRYPTION_KEYS decrypts {', '.join(unreadable)}. These were left as they "
                "are: put the old key back behind the first one and run this again."
            )
        self.stdout.write("Every secret is encrypted with the first key: the others can be removed.")


def rotate(model: type[Model], name: str) -> tuple[int, int]:
    """How many values were encrypted again, and how many cannot be decrypted."""
    changed = failed = 0
    for pk, token in model._base_manager.values_list("pk", name).iterator(chunk_size=BATCH):
        if token is None or is_current(token):
            continue
        try:
            again = Ciphertext(encrypt(decrypt(token)))
        except SecretUnreadable:
            failed += 1
            continue
        # What somebody else stored meanwhile stays.
        changed += model._base_manager.filter(pk=pk, **{name: token}).update(**{name: again})
    return changed, failed
