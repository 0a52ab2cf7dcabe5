"""The vault: secrets that scripts and requests ask for by their key."""

from django.db import models
from django.urls import reverse

from workspaces.fields import EncryptedTextField
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned


class VaultSecret(WorkspaceOwned, Versioned):
    """A secret that scripts read with `pm.vault.get(key)` and requests with `{{vault:key}}`."""

    key = models.CharField(max_length=255)
    value = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkspaceOwnedQuerySet["VaultSecret"].as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="one_vault_secret_per_key")]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("monitors:vault-secret", args=[self.workspace.slug, self.pk])
