"""The version of an object that people edit. Only an edit changes it; a run, for example, does not."""

import json
from datetime import UTC, datetime
from typing import Self

from django.db import models
from django.utils.crypto import salted_hmac

from workspaces.fields import is_readable, stored_value


class Versioned(models.Model):
    """A model whose rows people edit, in forms or by the API."""

    class Meta:
        abstract = True

    def edit_values(self) -> dict[str, object]:
        """The values that people edit, by the names that they know them by."""
        return {
            str(field.verbose_name): plain_value(self, field.attname)
            for field in self._meta.concrete_fields
            if field.editable and not field.primary_key and field.name != "workspace"
        }

    @property
    def version_key(self) -> object:
        """What the version tells the row by from others with equal values."""
        return self.pk

    @property
    def edit_version(self) -> str:
        """A keyed hash of the values. Some are secret, and without the key nobody can test guesses."""
        parts = [self._meta.label, self.version_key, self.edit_values()]
        text = json.dumps(parts, sort_keys=True, default=as_text)
        return salted_hmac("workspaces.versions", text, algorithm="sha256").hexdigest()[:32]

    def locked(self) -> Self:
        """Reads the row again and locks it until the transaction ends. Raises DoesNotExist."""
        return type(self)._default_manager.select_for_update(no_key=True).get(pk=self.pk)


def plain_value(row: models.Model, name: str) -> object:
    """The value of a field, or its ciphertext where no key decrypts it."""
    return getattr(row, name) if is_readable(row, name) else str(stored_value(row, name))


def as_text(value: object) -> str:
    """A text for JSON. A time is written in UTC, so that it is the same before and after it is stored."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
