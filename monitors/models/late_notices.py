"""What the owners of a workspace know about late monitors."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

MAIL_AFTER = timedelta(minutes=10)
"""How long monitors are late until their owners are mailed."""

SETTLE_AFTER = timedelta(minutes=1)
"""How long no monitor is late until the owners are mailed that all run again: regions recover one by one."""


CLAIMED_FOR = timedelta(minutes=1)
"""How long one process alone tries to mail. The next attempt follows after that."""


def _not_claimed(now: datetime) -> Q:
    return (
        Q(claimed_at=None)
        | Q(claimed_at__lte=now - CLAIMED_FOR)
        | Q(claimed_at__gt=now + CLAIMED_FOR)  # the clock was set back
    )


class LateNoticeQuerySet(WorkspaceOwnedQuerySet["LateNotice"]):
    def late(self) -> "LateNoticeQuerySet":
        return self.filter(recovered_at=None)

    def over(self) -> "LateNoticeQuerySet":
        return self.filter(recovered_at__isnull=False)

    def long_late(self, now: datetime) -> "LateNoticeQuerySet":
        """Those that are late for long enough to mail their owners, who do not know it yet."""
        return self.late().filter(_not_claimed(now), mailed_at=None, late_at__lte=now - MAIL_AFTER)

    def long_over(self, now: datetime) -> "LateNoticeQuerySet":
        """Those that are over for long enough. A time ahead was written before the clock was set back."""
        settled = Q(recovered_at__lte=now - SETTLE_AFTER) | Q(recovered_at__gt=now + SETTLE_AFTER)
        return self.filter(settled, _not_claimed(now))


class LateNotice(WorkspaceOwned):
    """A region in which monitors of a workspace are late, from then until the owners know that it is over."""

    region = models.CharField(max_length=50)
    monitors = models.PositiveIntegerField(help_text="How many were late at most.")
    since = models.DateTimeField(help_text="When the last run ended.")
    late_at = models.DateTimeField(help_text="When the first monitor became late.")
    mailed_at = models.DateTimeField(null=True, help_text="When the owners were mailed that they are late.")
    claimed_at = models.DateTimeField(null=True, help_text="When a process began to mail.")
    recovered_at = models.DateTimeField(null=True, help_text="Since when none is late.")

    objects = LateNoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "region"], name="one_late_notice_per_region")
        ]

    def __str__(self) -> str:
        return f"{self.workspace} in {self.region}"

    @property
    def is_worth_a_mail(self) -> bool:
        """Whether the owners hear that it is over: they know of it, or should have known."""
        if self.mailed_at or self.recovered_at is None:
            return self.mailed_at is not None
        return self.recovered_at - self.late_at >= MAIL_AFTER

    @property
    def duration(self) -> timedelta | None:
        """For how long nothing ran; None while it lasts."""
        return self.recovered_at - self.since if self.recovered_at else None
