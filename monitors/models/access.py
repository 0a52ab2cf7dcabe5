"""What a workspace's runs may use to prove who they are: vault secrets, certificates."""

from django.db import models

from workspaces.fields import EncryptedTextField
from workspaces.tenancy import WorkspaceOwned


class VaultSecret(WorkspaceOwned):
    """A secret that scripts read with `pm.vault.get(key)` and requests with `{{vault:key}}`."""

    key = models.CharField(max_length=255)
    value = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="one_vault_secret_per_key")]

    def __str__(self) -> str:
        return self.key


class HostCertificate(WorkspaceOwned):
    """A host's client certificate, its own authority, or both, as PEM text."""

    host = models.CharField(
        max_length=255, help_text="A name, maybe with *. in front and a port behind: *.example.com:8443."
    )
    certificate = EncryptedTextField("client certificate", blank=True)
    key = EncryptedTextField("private key", blank=True)
    passphrase = EncryptedTextField("passphrase of the key", blank=True)
    authority = EncryptedTextField(
        "certificate authority", blank=True, help_text="Trusted for this host instead of the public ones."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["host"]
        constraints = [models.UniqueConstraint(fields=["workspace", "host"], name="one_certificate_per_host")]

    def __str__(self) -> str:
        return self.host
