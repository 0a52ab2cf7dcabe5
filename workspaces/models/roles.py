"""What members and API keys of a workspace may do."""

from django.db import models


class Role(models.TextChoices):
    """What a member or an API key may do. Each role includes the ones before it."""

    VIEWER = "viewer", "Viewer"
    EDITOR = "editor", "Editor"
    OWNER = "owner", "Owner"

    def allows(self, needed: "Role") -> bool:
        """Whether this role is `needed` or a higher one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)

    @classmethod
    def at_least(cls, needed: "Role") -> list["Role"]:
        """The roles that allow what `needed` allows."""
        return [role for role in cls if role.allows(needed)]

    @property
    def with_article(self) -> str:
        """The role within a sentence: "a viewer", "an editor"."""
        return f"{'a' if self == Role.VIEWER else 'an'} {self.label.lower()}"
