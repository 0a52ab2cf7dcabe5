"""What this installation of Postwatch stores about itself."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

ALIVE_SECONDS = 20
"""The sweep runs every few seconds. After this long without one, no worker is running."""


class Installation(models.Model):
    """The single row of this installation, created when it is first needed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    uuid = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text="Part of every dedup key, so that two installations on one service leave each other alone.",
    )
    last_sweep_at = models.DateTimeField(null=True, editable=False)
    held_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When HOLD_DELIVERIES was first seen; empty while nothing is held.",
    )

    deliveries_to = models.BigIntegerField(
        default=0, editable=False, help_text="Old deliveries up to this id were passed."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]

    def __str__(self) -> str:
        return str(self.uuid)

    @classmethod
    def this(cls) -> "Installation":
        """The row, created if it does not exist."""
        return cls.objects.get_or_create(pk=1)[0]

    def record_sweep(self, now: datetime) -> None:
        """Stores that a sweep ran."""
        self.last_sweep_at = now
        self.save(update_fields=["last_sweep_at"])

    def record_hold(self, since: datetime | None) -> None:
        """Stores since when deliveries are held; None when they are not."""
        self.held_since = since
        self.save(update_fields=["held_since"])

    @property
    def has_worker(self) -> bool:
        """Whether a worker and the scheduler were running a moment ago."""
        if self.last_sweep_at is None:
            return False
        return timezone.now() - self.last_sweep_at < timedelta(seconds=ALIVE_SECONDS)
