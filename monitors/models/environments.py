"""Postman environments: the variables that a run starts with."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.urls import reverse

from monitors.models.changes import AnnouncesChanges
from workspaces.fields import EncryptedJSONField, is_readable, stored_value
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned, plain_value

MAX_VARIABLES = 1000
"""How many variables an environment may have. Its editor shows a row for each."""


class Environment(WorkspaceOwned, Versioned, AnnouncesChanges):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkspaceOwnedQuerySet["Environment"].as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["workspace", "name"], name="environments_of_workspace")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:environment", args=[self.workspace.slug, self.pk])

    def edit_values(self) -> dict[str, object]:
        rows = list(self.variables.all())
        values: dict[str, Any] = {"name": self.name}
        for row in rows:
            parts = [plain_value(row, "value"), row.is_secret, row.is_enabled]
            values.setdefault(f"variable “{row.key}”", []).append(parts)
        return values | {"order of the variables": [row.key for row in rows]}

    @transaction.atomic
    def replace_variables(self, variables: "Iterable[EnvironmentVariable]", by: object = None) -> None:
        """Stores unsaved variables, in order, in place of the present ones; `by` is as in `announce`."""
        self.variables.all().delete()
        for position, variable in enumerate(rows := list(variables)):
            variable.environment, variable.position = self, position
        self.variables.bulk_create(rows)
        self.save(update_fields=["updated_at"])
        self.announce("edited", by)


class EnvironmentVariable(models.Model):
    """One variable. Its value is encrypted; the value of a secret variable is never shown again."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="variables")
    position = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=255)
    value = EncryptedJSONField(
        blank=True, default="", help_text="Any JSON value: a script gets a number as a number."
    )
    is_secret = models.BooleanField("secret", default=False)
    is_enabled = models.BooleanField("enabled", default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.key

    @property
    def is_disabled(self) -> bool:
        return not self.is_enabled

    @property
    def is_shown(self) -> bool:
        return self.is_readable and not self.is_secret

    @property
    def is_readable(self) -> bool:
        """Whether there is a key that decrypts its value."""
        return is_readable(self, "value")

    def take_value_of(self, other: "EnvironmentVariable") -> None:
        """Copies the value of another variable, even one that cannot be read while its key is missing."""
        self.value = stored_value(other, "value")
