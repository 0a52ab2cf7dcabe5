"""The keys of a workspace's automation."""

import secrets

from django.db import models

from workspaces.models.roles import Role
from workspaces.models.tokens import hash_token
from workspaces.models.workspaces import Workspace


class ApiKey(models.Model):
    """A key for the REST API of one workspace. Only its hash is stored, so its text is shown once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role)
    prefix = models.CharField(max_length=12, help_text="The first characters, by which people recognize it.")
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, workspace: Workspace, name: str, role: Role) -> tuple["ApiKey", str]:
        """Makes a key and returns it with its text, which is not stored."""
        text = f"pw_{secrets.token_urlsafe(32)}"
        key = cls.objects.create(
            workspace=workspace, name=name, role=role, prefix=text[:8], hash=hash_token(text)
        )
        return key, text

    def allows(self, needed: Role) -> bool:
        """Whether the key's role is `needed` or a higher one."""
        return Role(self.role).allows(needed)
