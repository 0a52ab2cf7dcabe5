"""Outages: the times in which a monitor failed, from its first bad result until all its regions are good.

An outage is open exactly while its monitor is failing, unless somebody resolved it, or paused the monitor,
in between. Then the next failed run opens another one.
"""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone

from monitors.models.runs import Result, Run
from monitors.signals import outage_resolved
from workspaces.models import Workspace
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet

if TYPE_CHECKING:
    from monitors.models.monitors import Monitor

MAX_NOTES = 100
"""How many notes an outage may have."""

MAX_NOTE = 2000
"""Characters of one note."""


class EndedBecause(models.TextChoices):
    """Why an outage ended."""

    RECOVERED = "recovered", "The monitor recovered"
    BY_HAND = "by_hand", "Resolved by hand"
    MONITOR_PAUSED = "monitor_paused", "The monitor was paused"
    MONITOR_DELETED = "monitor_deleted", "The monitor was deleted"


class TooManyNotes(Exception):
    """The message says how many notes there may be."""


class OutageQuerySet(WorkspaceOwnedQuerySet["Outage"]):
    """Queries of outages."""

    def open(self) -> Self:
        return self.filter(ended_at=None)

    def ended(self) -> Self:
        return self.filter(ended_at__isnull=False)

    def lasting_after(self, since: datetime) -> Self:
        """Those that were open at some moment from `since` on."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gte=since))

    def begun_before(self, until: datetime) -> Self:
        return self.filter(started_at__lt=until)

    def end(self, because: EndedBecause, at: datetime, **fields: object) -> bool:
        """Ends those that are open, and stores `fields`. False when none is. Lock their monitors before."""
        # A run may have finished before the one that opened the outage, in another region.
        ended_at = Greatest(F("started_at"), Value(at, models.DateTimeField()))
        return self.open().update(ended_at=ended_at, ended_because=because, **fields) > 0

    def latest_of(self, monitor: "Monitor") -> "Outage | None":
        """The open outage of a monitor, or else its last one."""
        return self.filter(monitor=monitor).order_by("-started_at", "-pk").first()


class Outage(WorkspaceOwned):
    """One outage of one monitor, with what people did about it. It outlives its monitor.

    `started_at` and `ended_at` are the times at which the runs finished that opened and ended it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The indexes of the lists serve these two foreign keys too.
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", db_index=False)
    monitor = models.ForeignKey(
        "Monitor", null=True, on_delete=models.SET_NULL, related_name="outages", db_index=False
    )
    monitor_name = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=20, choices=EndedBecause, blank=True, default="")
    ended_by = models.CharField(max_length=255, blank=True, help_text="Who resolved it by hand.")

    cause = models.CharField(max_length=500, blank=True, help_text="What failed first in its first run.")
    result = models.CharField(
        max_length=15, choices=Result, blank=True, help_text="The result of its first run."
    )
    regions = models.JSONField(default=list, help_text="The regions that failed, in order of their failing.")
    failed_runs = models.PositiveIntegerField(default=1)
    # The indexes of the runs are partial: runs are deleted long before outages are.
    first_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    last_run = models.ForeignKey(
        Run,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="The last failed run, or the one that ended it.",
    )

    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=255, blank=True)

    objects = OutageQuerySet.as_manager()

    class Meta:
        ordering = [F("ended_at").desc(nulls_first=True), "-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"],
                condition=Q(ended_at=None),
                name="one_open_outage",
                violation_error_message="This monitor has an open outage already.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="ended_outages_have_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="outages_end_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-ended_at", "-started_at"], name="outages_of_workspace"),
            models.Index(fields=["workspace", "-started_at"], name="outages_by_start"),
            models.Index(fields=["monitor", "-started_at"], name="outages_of_monitor"),
            models.Index(
                fields=["first_run"], condition=Q(first_run__isnull=False), name="outages_by_first_run"
            ),
            models.Index(
                fields=["last_run"], condition=Q(last_run__isnull=False), name="outages_by_last_run"
            ),
        ]

    def __str__(self) -> str:
        return f"Outage of {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("monitors:outage", args=[self.workspace.slug, self.pk])

    @property
    def kept_monitor(self) -> "Monitor | None":
        """The monitor, unless it is deleted and only waits to be removed in the background."""
        monitor = self.monitor
        return monitor if monitor is not None and monitor.deleted_at is None else None

    @property
    def name(self) -> str:
        """The name of its monitor, also when that is deleted."""
        return self.monitor.name if self.monitor else self.monitor_name

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def duration(self) -> timedelta:
        """From the start to the end, or until now."""
        return (self.ended_at or timezone.now()) - self.started_at

    @classmethod
    def record_run(cls, monitor: "Monitor", run: Run, *, was_failing: bool) -> None:
        """Opens, continues or ends the outage of a monitor that counted a run.

        A good run of a healthy monitor needs no statement. Call with the monitor's row locked.
        """
        if not monitor.failing_since:
            if was_failing:
                outages = cls.objects.filter(monitor=monitor)
                outages.end(EndedBecause.RECOVERED, run.finished_at or timezone.now(), last_run=run)
        elif run.result != Result.SUCCESSFUL and run.region in monitor.regions:
            cls._add_failed_run(monitor, run)

    @classmethod
    def _add_failed_run(cls, monitor: "Monitor", run: Run) -> None:
        outage = cls.objects.open().filter(monitor=monitor).first()
        if outage is not None:
            outage.failed_runs += 1
            outage.last_run = run
            outage.regions = list(dict.fromkeys([*outage.regions, run.region]))
            outage.save(update_fields=["failed_runs", "last_run", "regions"])
        elif not monitor.is_paused:  # no later run would end it
            cls.objects.create(
                workspace_id=monitor.workspace_id,
                monitor=monitor,
                monitor_name=monitor.name,
                started_at=run.finished_at or timezone.now(),
                cause=run.summary,
                result=run.result,
                regions=[run.region],
                first_run=run,
                last_run=run,
            )

    @transaction.atomic
    def resolve(self, by: object) -> bool:
        """Ends it because a person knows that it is over. False when it had ended already.

        `by` is the person or the API key.
        """
        if self.monitor is not None:
            # No run is recorded meanwhile.
            type(self.monitor).objects.select_for_update(no_key=True).filter(pk=self.monitor.pk).first()
        if not Outage.objects.filter(pk=self.pk).end(EndedBecause.BY_HAND, timezone.now(), ended_by=str(by)):
            return False
        self.refresh_from_db(fields=["ended_at", "ended_because", "ended_by"])
        outage_resolved.send(sender=Outage, outage=self)
        return True

    def acknowledge(self, by: object) -> bool:
        """Shows others that somebody looks after it. False when it has ended, or somebody does already."""
        now = timezone.now()
        waiting = Outage.objects.open().filter(pk=self.pk, acknowledged_at=None)
        acknowledged = waiting.update(acknowledged_at=now, acknowledged_by=str(by)) == 1
        self.refresh_from_db(fields=["acknowledged_at", "acknowledged_by"])
        return acknowledged

    @transaction.atomic
    def add_note(self, text: str, by: object) -> "OutageNote":
        """Adds what somebody found out. Raises TooManyNotes."""
        # The lock keeps two people from adding the last one at once.
        Outage.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
        if self.notes.count() >= MAX_NOTES:
            raise TooManyNotes(f"An outage has {MAX_NOTES} notes at most.")
        return OutageNote.objects.create(outage=self, text=text, by=str(by))


class OutageNote(models.Model):
    """What somebody wrote about an outage."""

    outage = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=MAX_NOTE)
    by = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
