"""Times in which a workspace's monitors may fail without anybody being paged."""

import uuid
from collections.abc import Container
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from monitors import cron
from monitors.clock import CLOCK_TOLERANCE
from monitors.models.monitors import Monitor
from monitors.tags import clean_tag
from workspaces.tenancy import WorkspaceOwned, WorkspaceOwnedQuerySet
from workspaces.versions import Versioned

if TYPE_CHECKING:
    from monitors.models.monitors import MonitorQuerySet

MAX_MINUTES = 7 * 24 * 60
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Times at the ends of the calendar have no spelling in some time zones."""
STARTS_COMPARED = 10
"""How many starts ahead a recurring window is checked for running into its next one."""


class Mode(models.TextChoices):
    MUTE = "mute", "Mute"
    SKIP = "skip", "Skip"


class Scope(models.TextChoices):
    WORKSPACE = "workspace", "All monitors"
    TAG = "tag", "Monitors with a tag"
    MONITORS = "monitors", "Chosen monitors"


class MaintenanceWindowQuerySet(WorkspaceOwnedQuerySet["MaintenanceWindow"]):
    def active(self, now: datetime) -> "MaintenanceWindowQuerySet":
        return self.filter(is_over=False, starts_at__lte=now, ends_at__gt=now)

    def upcoming(self, now: datetime) -> "MaintenanceWindowQuerySet":
        return self.filter(is_over=False, starts_at__gt=now)

    def past(self, now: datetime) -> "MaintenanceWindowQuerySet":
        return self.filter(cron="", ends_at__lte=now)

    def planned_ahead(self, now: datetime) -> "MaintenanceWindowQuerySet":
        """Recurring ones whose occurrence was planned at a time that is still to come: the clock was set back
        since."""
        return self.filter(is_over=False, updated_at__gt=now + CLOCK_TOLERANCE).exclude(cron="")

    def ended(self, now: datetime) -> "MaintenanceWindowQuerySet":
        """Those whose end nobody has acted upon yet."""
        return self.filter(is_over=False, ends_at__lte=now)


class MaintenanceWindow(WorkspaceOwned, Versioned):
    """A one-off window, or a recurring one with a cron expression and a duration.

    `starts_at` and `ends_at` are a recurring window's present or next occurrence, so that one indexed query
    finds what is active, whatever the kind; `maintenance.end_windows` moves them on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.MUTE)
    scope = models.CharField("covers", max_length=10, choices=Scope, default=Scope.WORKSPACE)
    tag = models.CharField(max_length=50, blank=True)
    monitors = models.ManyToManyField(Monitor, blank=True, related_name="maintenance_windows")
    timezone = models.CharField("time zone", max_length=64, default="UTC")
    cron = models.CharField("starts", max_length=100, blank=True, help_text="Empty for a one-off window.")
    duration_minutes = models.PositiveIntegerField("duration", null=True, blank=True)
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    is_over = models.BooleanField(
        default=False, editable=False, help_text="A one-off window whose end was acted upon."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MaintenanceWindowQuerySet.as_manager()

    class Meta:
        ordering = ["is_over", "starts_at", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lte=F("ends_at")), name="windows_end_after_start"),
            models.CheckConstraint(
                condition=Q(cron="", duration_minutes=None)
                | (~Q(cron="") & Q(duration_minutes__isnull=False, duration_minutes__range=(1, MAX_MINUTES))),
                name="recurring_windows_have_a_duration",
            ),
            models.CheckConstraint(
                condition=Q(cron="") | Q(is_over=False), name="recurring_windows_never_end"
            ),
            models.CheckConstraint(condition=Q(scope="tag") ^ Q(tag=""), name="windows_by_tag_have_a_tag"),
        ]
        indexes = [
            # The scheduler asks every second which windows are active and which have ended.
            models.Index(fields=["ends_at"], condition=Q(is_over=False), name="windows_to_end"),
            models.Index(fields=["workspace", "ends_at"], name="windows_of_workspace"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitors:maintenance-window", args=[self.workspace.slug, self.pk])

    def edit_values(self) -> dict[str, Any]:
        """Without the times of a recurring one, which move on by themselves."""
        values = super().edit_values() | {"monitors": sorted(str(one.pk) for one in self.monitors.all())}
        moving = ("start", "end") if self.is_recurring else ()
        return {name: value for name, value in values.items() if name not in moving}

    def clean(self) -> None:
        self.clean_scope()
        try:
            cron.time_zone(self.timezone)
        except ValueError as problem:
            raise ValidationError({"timezone": str(problem)})
        if self.is_recurring:
            self.clean_recurrence()
        else:
            self.clean_times()

    def clean_scope(self) -> None:
        if self.scope != Scope.TAG:
            self.tag = ""
            return
        try:
            self.tag = clean_tag(self.tag)
        except ValueError as problem:
            raise ValidationError({"tag": str(problem) if self.tag else "Give the tag."})

    def clean_recurrence(self) -> None:
        if not self.duration_minutes or self.duration_minutes > MAX_MINUTES:
            raise ValidationError({"duration_minutes": f"Give between 1 and {MAX_MINUTES} minutes."})
        try:
            starts = cron.next_times(self.cron, self.timezone, timezone.now(), STARTS_COMPARED)
        except ValueError as problem:
            raise ValidationError({"cron": str(problem)})
        gaps = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
        if self.duration >= min(gaps):
            raise ValidationError(
                {"duration_minutes": "It would start again before it has ended. Make it shorter."}
            )

    def clean_times(self) -> None:
        self.duration_minutes = None
        if self.starts_at is None or self.ends_at is None:
            missing = "starts_at" if self.starts_at is None else "ends_at"
            raise ValidationError({missing: "Give a day and a time."})
        for name, time in (("starts_at", self.starts_at), ("ends_at", self.ends_at)):
            if not FIRST_YEAR <= time.year <= LAST_YEAR:
                raise ValidationError({name: f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."})
        if self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "Let it end after its start."})
        if self.ends_at <= timezone.now():
            raise ValidationError({"ends_at": "This is over already. Give an end that is still to come."})

    @property
    def is_recurring(self) -> bool:
        return bool(self.cron)

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes or 0)

    @property
    def is_active(self) -> bool:
        return not self.is_over and self.starts_at <= timezone.now() < self.ends_at

    def plan(self, now: datetime) -> None:
        """Call when the schedule is new: a recurring window takes the occurrence of now, or the next one."""
        if self.is_recurring:
            self.starts_at = cron.next_times(self.cron, self.timezone, now - self.duration)[0]
            self.ends_at = self.starts_at + self.duration
        self.is_over = False

    def move_on(self, now: datetime) -> None:
        """Leaves an occurrence behind: a recurring window goes to the next one, any other is over."""
        if self.is_recurring:
            after = max(self.starts_at, now - self.duration)
            self.starts_at = cron.next_times(self.cron, self.timezone, after)[0]
            self.ends_at = self.starts_at + self.duration
        self.is_over = not self.is_recurring
        self.save(update_fields=["starts_at", "ends_at", "is_over", "updated_at"])

    def covered(self) -> "MonitorQuerySet":
        """The monitors that it is for."""
        monitors: MonitorQuerySet = Monitor.objects.filter(workspace=self.workspace_id)
        if self.scope == Scope.TAG:
            return monitors.tagged(self.tag)
        if self.scope == Scope.MONITORS:
            return monitors.filter(pk__in=self.monitors.values("pk"))
        return monitors

    def covers(self, monitor: Monitor, chosen: Container[uuid.UUID]) -> bool:
        """Whether it is for a monitor of its workspace, asking nothing of the database.

        `chosen` holds the ids of the monitors that were chosen for it one by one.
        """
        if self.scope == Scope.TAG:
            return self.tag in monitor.tags
        return self.scope == Scope.WORKSPACE or monitor.pk in chosen
