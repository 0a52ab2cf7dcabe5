"""Postman environments: the variables that a run starts with."""

import uuid

from django.db import models
from django.urls import reverse

from workspaces.fields import EncryptedTextField
from workspaces.tenancy import WorkspaceOwned


class Environment(WorkspaceOwned):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["workspace", "name"], name="environments_of_workspace")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:environment", args=[self.workspace.slug, self.pk])


class EnvironmentVariable(models.Model):
    """One variable. Every value is encrypted; a secret one is also never shown again."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="variables")
    position = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=255)
    value = EncryptedTextField(blank=True, default="")
    is_secret = models.BooleanField("secret", default=False)
    is_enabled = models.BooleanField("enabled", default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.key
