"""How long a workspace keeps what its monitors found, and how far the removal of older rows has come."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from workspaces.models import Workspace
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned

A_MONTH = timedelta(days=365.25 / 12)
LEASE = timedelta(minutes=5)
"""How long a task may work on a batch until another task takes the turn."""


class Retention(WorkspaceOwned, Versioned):
    """What a workspace has chosen. An empty field stands for the operator's default."""

    good_runs_days = models.PositiveSmallIntegerField("successful runs", null=True, blank=True)
    failed_runs_days = models.PositiveSmallIntegerField("all other runs", null=True, blank=True)
    exchanges_days = models.PositiveSmallIntegerField("requests and responses", null=True, blank=True)
    statistics_months = models.PositiveSmallIntegerField("statistics and outages", null=True, blank=True)

    objects = WorkspaceOwnedQuerySet["Retention"].as_manager()

    OPERATORS: ClassVar = {
        "good_runs_days": ("KEEP_GOOD_RUNS_DAYS", "MAX_KEEP_DAYS"),
        "failed_runs_days": ("KEEP_FAILED_RUNS_DAYS", "MAX_KEEP_DAYS"),
        "exchanges_days": ("KEEP_EXCHANGES_DAYS", "MAX_KEEP_DAYS"),
        "statistics_months": ("KEEP_STATISTICS_MONTHS", "KEEP_STATISTICS_MONTHS"),
    }
    """The settings with the default and the maximum of each field."""

    class Meta:
        verbose_name_plural = "retention"
        constraints = [models.UniqueConstraint(fields=["workspace"], name="one_retention_per_workspace")]

    def __str__(self) -> str:
        return f"Retention of {self.workspace}"

    @property
    def version_key(self) -> object:
        """A workspace has one, and defaults that are not stored have the version of a row with them."""
        return self.workspace_id

    def get_absolute_url(self) -> str:
        return reverse("monitors:retention", args=[self.workspace.slug])

    @classmethod
    def of(cls, workspace_id: uuid.UUID) -> "Retention":
        """What the workspace has chosen, or the defaults, which are not stored."""
        return cls.objects.filter(workspace=workspace_id).first() or cls(workspace_id=workspace_id)

    def clean(self) -> None:
        for name in self.OPERATORS:
            chosen, limit = getattr(self, name), self.limit(name)
            if chosen is not None and not 1 <= chosen <= limit:
                raise ValidationError({name: f"Enter a number from 1 to {limit}."})
        if self.failed_runs < self.good_runs:
            raise ValidationError({"failed_runs_days": "Keep these at least as long as the successful runs."})

    @classmethod
    def limit(cls, name: str) -> int:
        """The most that a workspace may choose for a field."""
        return int(getattr(settings, cls.OPERATORS[name][1]))

    @property
    def good_runs(self) -> timedelta:
        return timedelta(days=self._kept("good_runs_days"))

    @property
    def failed_runs(self) -> timedelta:
        return timedelta(days=self._kept("failed_runs_days"))

    @property
    def exchanges(self) -> timedelta:
        return timedelta(days=self._kept("exchanges_days"))

    @property
    def months(self) -> int:
        """For statistics and outages."""
        return self._kept("statistics_months")

    @property
    def statistics(self) -> timedelta:
        return A_MONTH * self.months

    def _kept(self, name: str) -> int:
        """What was chosen, or the default. The operator may have lowered the maximum since it was chosen."""
        default = int(getattr(settings, self.OPERATORS[name][0]))
        return min(getattr(self, name) or default, self.limit(name))


class RetentionTurnQuerySet(models.QuerySet["RetentionTurn"]):
    def due(self, now: datetime) -> Self:
        """The workspaces that wait for their turn. A clock that was set back holds up none."""
        due = Q(due_at__lte=now) | Q(due_at__gt=now + timedelta(days=1))
        return self.filter(due, workspace__deleted_at=None).order_by("due_at")

    def add_missing(self) -> None:
        """Makes one for each workspace that has none."""
        missing = Workspace.objects.exclude(pk__in=self.values("workspace")).order_by()
        turns = [RetentionTurn(workspace_id=pk) for pk in missing.values_list("pk", flat=True)]
        self.bulk_create(turns, ignore_conflicts=True)

    def claim_next(self, now: datetime) -> "RetentionTurn | None":
        """The workspace that has waited longest; None when none waits or another task was faster."""
        turn = self.due(now).first()
        if turn is None or not self.filter(pk=turn.pk, due_at=turn.due_at).update(due_at=now + LEASE):
            return None
        return turn


class RetentionTurn(models.Model):
    """When old rows of a workspace are removed next, and which ids the removal has passed.

    Ids of runs grow with time. So each batch begins where the last one ended, and reads nothing twice.
    """

    workspace = models.OneToOneField(Workspace, primary_key=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    good_runs_to = models.BigIntegerField(default=0, help_text="Good runs up to this id were passed.")
    all_runs_to = models.BigIntegerField(
        default=0, help_text="Runs up to this id were passed: those that are left are spared."
    )

    roll_ups_to = models.DateTimeField(null=True, help_text="No roll-up began much earlier.")

    objects = RetentionTurnQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Turn of {self.workspace}"
