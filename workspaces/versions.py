"""The version of what people edit. It changes with what they edit and with nothing else, such as a run."""

import json
from datetime import UTC, datetime
from typing import Any, Self

from django.db import models
from django.utils.crypto import salted_hmac

from workspaces.fields import is_readable, stored_value


class Versioned(models.Model):
    """A model whose rows people edit, in forms or by the API."""

    class Meta:
        abstract = True

    def edit_values(self) -> dict[str, object]:
        """What people edit of it, under the words that name each part to them."""
        return {
            str(field.verbose_name): plain_value(self, field.attname)
            for field in self._meta.concrete_fields
            if field.editable and not field.primary_key and field.name != "workspace"
        }

    @property
    def edit_version(self) -> str:
        """A keyed hash of the values, which are secret in part: nobody can guess them by it."""
        parts = [self._meta.label, self.pk, self.edit_values()]
        text = json.dumps(parts, sort_keys=True, default=as_text)
        return salted_hmac("workspaces.versions", text, algorithm="sha256").hexdigest()[:32]

    def locked(self) -> Self:
        """Its row as it is now, which nobody else changes until the transaction ends."""
        manager: Any = type(self)._default_manager
        row: Self = manager.select_for_update(no_key=True).get(pk=self.pk)
        return row


def plain_value(row: models.Model, name: str) -> Any:
    """Also of a value that no key decrypts: then it is the ciphertext."""
    return getattr(row, name) if is_readable(row, name) else str(stored_value(row, name))


def as_text(value: Any) -> str:
    """The same before it is stored and after, whatever zone a time was given in."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
