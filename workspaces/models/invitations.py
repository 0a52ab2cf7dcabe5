"""Invitations to a workspace."""

import secrets
from datetime import timedelta
from typing import Self

from django.db import models, transaction
from django.utils import timezone

from workspaces.models.roles import Role
from workspaces.models.tokens import hash_token
from workspaces.models.users import User
from workspaces.models.workspaces import Membership, Workspace


class InvitationGone(Exception):
    """The invitation was accepted, revoked or replaced in the meantime, or it has expired."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> Self:
        """The invitations that are neither accepted nor revoked; some may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)

    def acceptable_with(self, token: str) -> "Invitation | None":
        """The pending invitation with this token in its link, if there is one and it has not expired."""
        usable = self.pending().filter(expires_at__gt=timezone.now())
        return usable.select_related("workspace", "invited_by").filter(hash=hash_token(token)).first()


class Invitation(models.Model):
    """An invitation of an e-mail address to a workspace. Accepting it creates the membership."""

    LIFETIME = timedelta(days=7)
    """How long a link can be used."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    was_mailed = models.BooleanField(
        default=False, help_text="Only somebody who reads this address's mail can know the link."
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
        """Makes a new link and returns its token, which is not stored. Earlier links stop working."""
        token = secrets.token_urlsafe(32)
        self.hash = hash_token(token)
        self.was_mailed = False
        self.expires_at = timezone.now() + self.LIFETIME
        self.save()
        return token

    def revoke(self) -> None:
        """Ends the invitation, unless it was accepted before."""
        Invitation.objects.pending().filter(pk=self.pk).update(revoked_at=timezone.now())

    def can_be_accepted_by(self, user: User) -> bool:
        """Whether the account has the invited address.

        After a mailed invitation that address must also be verified: somebody else may have made the account.
        """
        return self.email == user.email and (user.has_verified_email() or not self.was_mailed)

    @transaction.atomic
    def accept(self, user: User) -> Membership:
        """Makes the person a member. Raises InvitationGone when the invitation has changed meanwhile."""
        same = Invitation.objects.pending().filter(pk=self.pk, hash=self.hash, expires_at__gt=timezone.now())
        if not same.select_for_update().exists():
            raise InvitationGone
        membership, _ = Membership.objects.get_or_create(
            workspace=self.workspace, user=user, defaults={"role": self.role}
        )
        self.accepted_at = timezone.now()
        self.save(update_fields=["accepted_at"])
        return membership
