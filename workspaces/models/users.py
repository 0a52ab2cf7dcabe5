"""People, who sign in with an e-mail address."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction

if TYPE_CHECKING:
    from workspaces.models.workspaces import Workspace


class UserManager(BaseUserManager["User"]):
    @transaction.atomic
    def create_user(
        self, email: str, password: str | None = None, *, is_verified: bool = True, **fields: object
    ) -> "User":
        """Makes an account.

        `is_verified` says that the person has proved that the address is theirs, or that the operator vouches
        for it. Without a password nobody can sign in until one is set by mail.
        """
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
        """Whether the address is known to be the person's. Invitations and mails ask for that."""
        addresses = EmailAddress.objects.filter(user=self, email=self.email, verified=True)
        return bool(addresses.exists())

    @transaction.atomic
    def set_verified_email(self, email: str) -> None:
        """Makes it the person's only address. Raises IntegrityError when another account has it."""
        self.email = email.lower()
        self.save(update_fields=["email"])
        EmailAddress.objects.filter(user=self).delete()
        EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    def last_opened(self, mine: "Sequence[Workspace]") -> "Workspace | None":
        """The workspace of `mine` that the person had open last, or else the first, if any."""
        last = (workspace for workspace in mine if workspace.pk == self.last_workspace_id)
        return next(last, mine[0] if mine else None)
