"""Workspaces, the tenants, and who belongs to them."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from workspaces.deletion import DeletedInBackground, WithoutDeleted
from workspaces.models.roles import Role
from workspaces.models.users import User
from workspaces.versions import Versioned


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def for_user(self, user: User, role: Role = Role.VIEWER) -> Self:
        """The workspaces in which the person has `role` or a higher one."""
        return self.filter(memberships__user=user, memberships__role__in=Role.at_least(role))


WorkspaceManager = WithoutDeleted.from_queryset(WorkspaceQuerySet)


class Workspace(DeletedInBackground, Versioned):
    """The tenant: everything that a team sees belongs to one workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    keep_exchanges = models.BooleanField(
        "keep requests and responses",
        default=True,
        help_text="Of requests that failed, with their headers and bodies. Secrets are masked in them.",
    )
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    objects = WorkspaceManager()
    all_objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse(settings.WORKSPACE_HOME_URL, args=[self.slug])

    def edit_values(self) -> dict[str, object]:
        return {"name": self.name, "keep requests and responses": self.keep_exchanges}

    def before_deletion(self) -> None:
        """Ends memberships, invitations and API keys, and frees the slug for another workspace."""
        self.memberships.all().delete()
        self.invitations.all().delete()
        self.api_keys.all().delete()
        self.slug = f"deleted-{self.pk.hex}"
        self.save(update_fields=["slug"])

    @classmethod
    def create_with_owner(cls, name: str, owner: User) -> "Workspace":
        """Makes a workspace with its first member."""
        workspace = cls.objects.create(name=name, slug=cls.free_slug(name))
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        return workspace

    @classmethod
    def free_slug(cls, name: str) -> str:
        """A slug for the name that no workspace has yet."""
        base = slugify(name)[:50] or "workspace"
        taken = set(cls.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        candidates = [base, *(f"{base}-{n}" for n in range(2, len(taken) + 2))]
        return next(slug for slug in candidates if slug not in taken)


class LastOwner(Exception):
    """The change would leave a workspace without an owner."""

    def __str__(self) -> str:
        return "This is the only owner. Make another member an owner first."


class Membership(Versioned):
    """That a person belongs to a workspace, and what they may do there."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"

    def get_absolute_url(self) -> str:
        return reverse("workspaces:member", args=[self.workspace.slug, self.pk])

    def edit_values(self) -> dict[str, object]:
        return {"role": self.role}

    def allows(self, needed: Role) -> bool:
        """Whether the member's role is `needed` or a higher one."""
        return Role(self.role).allows(needed)

    @transaction.atomic
    def change_role(self, role: Role) -> None:
        """Raises LastOwner when the workspace would be left without an owner."""
        if role != Role.OWNER:
            self._require_another_owner()
            self._revoke_invitations()
        self.role = role
        self.save(update_fields=["role"])

    @transaction.atomic
    def end(self) -> None:
        """Removes the member. Raises LastOwner when the workspace would be left without an owner."""
        self._require_another_owner()
        self._revoke_invitations()
        self.delete()

    def _revoke_invitations(self) -> None:
        """Ends the invitations of somebody who may no longer invite: they must let nobody in, nor back in."""
        self.workspace.invitations.pending().filter(invited_by=self.user).update(revoked_at=timezone.now())

    def _require_another_owner(self) -> None:
        # Without the lock two owners could step down at the same moment, each relying on the other.
        Workspace.objects.select_for_update().get(pk=self.workspace_id)
        others = Membership.objects.filter(workspace=self.workspace_id, role=Role.OWNER).exclude(pk=self.pk)
        if not others.exists():
            raise LastOwner
