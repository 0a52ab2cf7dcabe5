"""Who: people, the workspaces that they share, and the keys of their automation."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from workspaces.deletion import DeletedInBackground, WithoutDeleted
from workspaces.versions import Versioned


def hash_of(token: str) -> str:
    # A token has 256 random bits, so a fast hash without salt cannot be searched backwards.
    return hashlib.sha256(token.encode()).hexdigest()


class UserManager(BaseUserManager["User"]):
    @transaction.atomic
    def create_user(
        self, email: str, password: str | None = None, *, is_verified: bool = True, **fields: Any
    ) -> "User":
        """`is_verified`: the person proved that the address is theirs, or the operator vouches for it."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        if is_verified:
            user.set_verified_email(user.email)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person, who signs in with an e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    last_workspace = models.ForeignKey(
        "Workspace", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def has_verified_email(self) -> bool:
        """Whether the address counts as the person's: otherwise it opens nothing but their own account."""
        return EmailAddress.objects.filter(user=self, email=self.email, verified=True).exists()

    @transaction.atomic
    def set_verified_email(self, email: str) -> None:
        """Makes it the person's only address."""
        self.email = email.lower()
        self.save(update_fields=["email"])
        EmailAddress.objects.filter(user=self).delete()
        EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    def last_open(self, mine: "Sequence[Workspace]") -> "Workspace | None":
        """The workspace that the person had open last, or else the first of `mine`."""
        last = (workspace for workspace in mine if workspace.pk == self.last_workspace_id)
        return next(last, mine[0] if mine else None)


class Role(models.TextChoices):
    """What a member or an API key may do: each role may do what the ones before it may."""

    VIEWER = "viewer", "Viewer"
    EDITOR = "editor", "Editor"
    OWNER = "owner", "Owner"

    def allows(self, needed: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)

    @classmethod
    def at_least(cls, needed: "Role") -> list["Role"]:
        """The roles that allow what `needed` allows."""
        return [role for role in cls if role.allows(needed)]


WITH_ARTICLE = {Role.VIEWER: "a viewer", Role.EDITOR: "an editor", Role.OWNER: "an owner"}


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def for_user(self, user: "User", role: Role = Role.VIEWER) -> Self:
        """The workspaces in which the person has `role` or a higher one."""
        return self.filter(memberships__user=user, memberships__role__in=Role.at_least(role))


KeptWorkspaces = WithoutDeleted.from_queryset(WorkspaceQuerySet)


class Workspace(DeletedInBackground, Versioned):
    """The tenant: everything that a team sees belongs to one workspace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    objects = KeptWorkspaces()
    all_objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:home", args=[self.slug])

    def edit_values(self) -> dict[str, Any]:
        return {"name": self.name}

    def before_deletion(self) -> None:
        """Nobody comes in any more, by no membership and no key, and its address is free for another."""
        for access in (self.memberships, self.invitations, self.api_keys):
            access.all().delete()
        self.slug = f"deleted-{self.pk.hex}"
        self.save(update_fields=["slug"])

    @classmethod
    def create_with_owner(cls, name: str, owner: User) -> "Workspace":
        workspace = cls.objects.create(name=name, slug=cls.free_slug(name))
        Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        return workspace

    @classmethod
    def free_slug(cls, name: str) -> str:
        base = slugify(name)[:50] or "workspace"
        taken = set(cls.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        candidates = [base, *(f"{base}-{n}" for n in range(2, len(taken) + 2))]
        return next(slug for slug in candidates if slug not in taken)


class LastOwner(Exception):
    """A workspace always has an owner."""

    def __str__(self) -> str:
        return "This is the only owner. Make somebody else an owner first."


class Membership(Versioned):
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

    def edit_values(self) -> dict[str, Any]:
        return {"role": self.role}

    def allows(self, needed: Role) -> bool:
        return Role(self.role).allows(needed)

    @transaction.atomic
    def change_role(self, role: Role) -> None:
        """Raises LastOwner when nobody would be left to own the workspace."""
        if role != Role.OWNER:
            self._leave_an_owner()
            self._revoke_invitations()
        self.role = role
        self.save(update_fields=["role"])

    @transaction.atomic
    def end(self) -> None:
        """Raises LastOwner when nobody would be left to own the workspace."""
        self._leave_an_owner()
        self._revoke_invitations()
        self.delete()

    def _revoke_invitations(self) -> None:
        """Nobody who may no longer invite comes back, or lets others in, by an earlier invitation."""
        self.workspace.invitations.pending().filter(invited_by=self.user).update(revoked_at=timezone.now())

    def _leave_an_owner(self) -> None:
        # The lock keeps two owners from stepping down at the same moment, each because of the other.
        Workspace.objects.select_for_update().get(pk=self.workspace_id)
        others = Membership.objects.filter(workspace=self.workspace_id, role=Role.OWNER).exclude(pk=self.pk)
        if not others.exists():
            raise LastOwner


class InvitationGone(Exception):
    """It was accepted, revoked or replaced meanwhile, or it expired."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> Self:
        return self.filter(accepted_at=None, revoked_at=None)

    def with_link(self, token: str) -> "Invitation | None":
        """The invitation that this link may still accept."""
        usable = self.pending().filter(expires_at__gt=timezone.now())
        return usable.select_related("workspace", "invited_by").filter(hash=hash_of(token)).first()


class Invitation(models.Model):
    """An address that an owner asked to join. Nobody is a member before accepting."""

    LIFETIME = timedelta(days=7)

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    was_mailed = models.BooleanField(
        default=False, help_text="The link was known to the reader of this address's mail alone."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_pending_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def renew(self) -> str:
        """Returns a new link's token, which cannot be had again; earlier links no longer work."""
        token = secrets.token_urlsafe(32)
        self.hash = hash_of(token)
        self.was_mailed = False
        self.expires_at = timezone.now() + self.LIFETIME
        self.save()
        return token

    def revoke(self) -> None:
        Invitation.objects.pending().filter(pk=self.pk).update(revoked_at=timezone.now())

    def may_be_accepted_by(self, user: User) -> bool:
        """A link that an owner handed over proves no address: the account has to be the right one."""
        return self.email == user.email and (user.has_verified_email() or not self.was_mailed)

    @transaction.atomic
    def accept(self, user: User) -> Membership:
        """Raises InvitationGone when it is no longer what the person was shown."""
        same = Invitation.objects.pending().filter(pk=self.pk, hash=self.hash, expires_at__gt=timezone.now())
        if not same.select_for_update().exists():
            raise InvitationGone
        membership, _ = Membership.objects.get_or_create(
            workspace=self.workspace, user=user, defaults={"role": self.role}
        )
        self.accepted_at = timezone.now()
        self.save(update_fields=["accepted_at"])
        return membership


class ApiKey(models.Model):
    """A key of a workspace's automation. Only its hash is kept, so it is shown once."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=10, choices=Role)
    prefix = models.CharField(max_length=12, help_text="The key's first characters, to tell keys apart.")
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, workspace: Workspace, name: str, role: Role) -> tuple["ApiKey", str]:
        """Makes a key and returns it with its text, which cannot be had again."""
        text = f"pw_{secrets.token_urlsafe(32)}"
        key = cls.objects.create(
            workspace=workspace, name=name, role=role, prefix=text[:8], hash=hash_of(text)
        )
        return key, text

    def allows(self, needed: Role) -> bool:
        return Role(self.role).allows(needed)


class Edit(models.Model):
    """Who changed what, for the person who edits the same thing at that time. Kept for a while."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=100, help_text="The model and the key of what was changed.")
    before = models.CharField(max_length=32, help_text="The version that was changed.")
    what = models.JSONField(help_text="The names of what was changed of it.")
    by = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="edits_of_subject"),
            models.Index(fields=["workspace", "at"], name="edits_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} by {self.by}"
